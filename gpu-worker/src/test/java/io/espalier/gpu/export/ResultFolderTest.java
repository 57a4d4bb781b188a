package io.espalier.gpu.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFolderTest {
    @TempDir
    Path parent;

    @Test
    void nothingIsThereBeforePublishAndNothingElseAfterIt() throws Exception {
        Path target = parent.resolve("out");
        try (ResultFolder folder = ResultFolder.stage(target)) {
            Files.writeString(folder.path().resolve(ResultFolder.MARK), "{}");
            assertThat(target).doesNotExist();
            folder.publish();
        }
        assertThat(target.resolve(ResultFolder.MARK)).exists();
        assertThat(names()).containsExactly("out");
    }

    @Test
    void aFailedWriterLeavesNothing() throws Exception {
        try (ResultFolder folder = ResultFolder.stage(parent.resolve("out"))) {
            Files.writeString(folder.path().resolve("half"), "written");
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void replacesAnOlderResultAndNothingElse() throws Exception {
        Path target = Files.createDirectory(parent.resolve("out"));
        Files.writeString(target.resolve(ResultFolder.MARK), "{}");
        Files.writeString(Files.createDirectory(target.resolve("model")).resolve("stale.txt"), "old");
        Files.writeString(target.resolve("notes.txt"), "mine");
        Path other = Files.createDirectory(target.resolve("another-job"));
        Files.writeString(other.resolve(ResultFolder.MARK), "{\"other\": true}");
        try (ResultFolder folder = ResultFolder.stage(target)) {
            Files.writeString(folder.path().resolve(ResultFolder.MARK), "{\"new\": true}");
            folder.publish();
        }
        assertThat(target.resolve("model/stale.txt")).doesNotExist();
        assertThat(target.resolve("notes.txt")).hasContent("mine");
        assertThat(other.resolve(ResultFolder.MARK)).hasContent("{\"other\": true}");
        assertThat(names()).containsExactly("out");
        assertThat(target.resolve(ResultFolder.MARK)).hasContent("{\"new\": true}");
    }

    @Test
    void refusesAFolderThatIsNotOurs() throws Exception {
        Path target = Files.createDirectory(parent.resolve("thesis"));
        Files.writeString(target.resolve("chapter1.tex"), "ten years of work");
        assertThatThrownBy(() -> ResultFolder.stage(target)).isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("output.location").hasMessageContaining("thesis");
        assertThat(target.resolve("chapter1.tex")).exists();
    }

    @Test
    void aFileAboveIsRefused() throws Exception {
        Path file = Files.writeString(parent.resolve("notes"), "mine");
        assertThatThrownBy(() -> ResultFolder.stage(file.resolve("out")))
                .isInstanceOf(PermanentFailureException.class).hasMessageContaining("output.location")
                .hasMessageContaining("notes is a file");
        Files.createSymbolicLink(parent.resolve("link"), parent.resolve("nowhere"));
        assertThatThrownBy(() -> ResultFolder.stage(parent.resolve("link/out")))
                .isInstanceOf(PermanentFailureException.class).hasMessageContaining("link to nowhere");
    }

    @Test
    void copiesOfReadOnlyArtifactsCanBeWritten() throws Exception {
        Path artifact = Files.writeString(parent.resolve("artifact"), "weights");
        assertThat(artifact.toFile().setReadOnly()).isTrue();

        ResultFolder.copy(artifact, parent.resolve("copy"));

        assertThat(Files.getPosixFilePermissions(parent.resolve("copy")))
                .contains(PosixFilePermission.OWNER_WRITE);
        assertThat(parent.resolve("copy")).hasContent("weights");
    }

    private Stream<String> names() throws IOException {
        return Files.list(parent).map(p -> p.getFileName().toString());
    }
}
