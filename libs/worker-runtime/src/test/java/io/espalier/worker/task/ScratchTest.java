package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
    @TempDir
    private Path parent;

    @Test
    void nothingStaysBehind() throws IOException {
        try (var scratch = Scratch.open(parent)) {
            Path attempt = scratch.newFolder();
            Files.writeString(Files.createDirectories(attempt.resolve("deep/er")).resolve("file"), "x");
        }
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void theFolderOfADeadProcessIsDeletedAndThatOfALivingOneStays() throws IOException {
        Path dead = Files.createDirectories(parent.resolve("espalier-scratch-dead"));
        Files.createFile(dead.resolve("lock"));
        Files.writeString(dead.resolve("rest"), "x");
        Path foreign = Files.createDirectories(parent.resolve("somebody-elses"));
        try (var living = Scratch.open(parent); var other = Scratch.open(parent)) {
            assertThat(dead).doesNotExist();
            assertThat(foreign).exists();
            assertThat(living.newFolder()).exists();
            assertThat(other.newFolder()).exists();
        }
    }
}
