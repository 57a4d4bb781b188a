package io.espalier.cli.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
    @TempDir
    Path folder;

    @Test
    void takesWhatIsNewOrEmptyOrOurs() throws Exception {
        assertThat(OutputFolder.guard(folder.resolve("new"), false)).isEmpty();
        assertThat(OutputFolder.guard(Files.createDirectory(folder.resolve("empty")), false)).isEmpty();
        Path ours = Files.createDirectory(folder.resolve("ours"));
        Files.writeString(ours.resolve("report.json"), "{}");
        assertThat(OutputFolder.guard(ours, false)).isEmpty();
    }

    @Test
    void refusesAForeignFolderAndMovesItAsideByForce() throws Exception {
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("thesis.tex"), "precious");

        assertThatThrownBy(() -> OutputFolder.guard(foreign, false)).isInstanceOf(UsageException.class)
                .hasMessageStartingWith("/output/location: ").hasMessageContaining("--force");
        Path moved = OutputFolder.guard(foreign, true).orElseThrow();

        assertThat(foreign).doesNotExist();
        assertThat(moved.resolve("thesis.tex")).hasContent("precious");
    }
}
