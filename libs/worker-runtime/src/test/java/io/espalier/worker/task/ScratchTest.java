package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
    private static final int TOGETHER = 8;
    private static final int ROUNDS = 50;
    private static final int PATIENCE_SECONDS = 20;

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

    @Test
    void aClearedTemporaryFolderStopsNoWorker() throws IOException {
        try (var scratch = Scratch.open(parent)) {
            Path first = scratch.newFolder();
            Scratch.delete(first.getParent());

            assertThat(scratch.newFolder()).exists().isNotEqualTo(first);
        }
    }

    /** One that has made its file and not yet locked it looks abandoned to another. */
    @Test
    void workersThatStartTogetherLeaveEachOtherAlone() throws Exception {
        var start = new CyclicBarrier(TOGETHER);
        try (ExecutorService workers = Executors.newFixedThreadPool(TOGETHER)) {
            List<Future<?>> rounds = new ArrayList<>();
            for (int i = 0; i < TOGETHER; i++) {
                rounds.add(workers.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                        try (Scratch scratch = Scratch.open(parent)) {
                            start.await(PATIENCE_SECONDS, TimeUnit.SECONDS); // nobody opens any more
                            assertThat(scratch.newFolder()).exists();
                            start.await(PATIENCE_SECONDS, TimeUnit.SECONDS); // nobody has closed yet
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> round : rounds) {
                round.get();
            }
        }
        assertThat(parent).isEmptyDirectory();
    }
}
