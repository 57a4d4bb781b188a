package io.espalier.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.forward.PassKeeper.Writer;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.worker.task.FakeContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskKeeperTest {
    private static final long MOST = 1000;

    @TempDir
    Path folder;

    private ArtifactStore artifacts;
    private FakeContext context;
    private TaskKeeper keeper;
    private Duration now = Duration.ofHours(1);

    @BeforeEach
    void open() throws IOException {
        artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
        context = new FakeContext(artifacts, Files.createDirectory(folder.resolve("scratch")));
        keeper = new TaskKeeper(context, MOST, () -> now.toNanos());
    }

    @AfterEach
    void close() throws IOException {
        artifacts.close();
    }

    @Test
    void writesWhenCalledAwayWhateverTheTime() {
        assertThat(keeper.wants(MOST)).isFalse();
        context.calledAwayFrom(0);
        assertThat(keeper.wants(MOST)).isTrue();
    }

    @Test
    void waitsTwentyTimesAsLongAsTheLastOneTook() {
        now = now.plusSeconds(30);
        assertThat(keeper.wants(MOST)).isTrue();
        keeper.keep(writing(Duration.ofSeconds(4)));
        now = now.plusSeconds(79);
        assertThat(keeper.wants(MOST)).isFalse();
        now = now.plusSeconds(1);
        assertThat(keeper.wants(MOST)).isTrue();
        keeper.keep(writing(Duration.ZERO));
        now = now.plusSeconds(29);
        assertThat(keeper.wants(MOST)).isFalse();
        assertThat(context.checkpoints()).hasSize(2);
    }

    @Test
    void writesNoneThatIsTooLarge() {
        now = now.plusSeconds(30);
        context.calledAwayFrom(0);
        assertThat(keeper.wants(MOST + 1)).isFalse();
    }

    @Test
    void whatWasKeptIsThereForTheNextAndNowhereElse() throws IOException {
        keeper.keep(writing(Duration.ZERO));

        try (Stream<Path> left = Files.list(context.scratch())) {
            assertThat(left).isEmpty();
        }
        assertThat(last(context.checkpoints().getLast()).resolve("pass.json")).hasContent("{}");
    }

    @Test
    void aCheckpointThatCannotBeWrittenCostsNothingButItself() {
        keeper.keep(_ -> {
            throw new IOException("No space left on device");
        });
        assertThat(context.checkpoints()).isEmpty();
        assertThat(keeper.wants(MOST)).isFalse();
    }

    @Test
    void aCheckpointWithOtherBytesThanItsNameSaysIsNoCheckpoint() throws IOException {
        keeper.keep(writing(Duration.ZERO));
        ArtifactRef kept = context.checkpoints().getLast();
        try (Stream<Path> files = Files.walk(folder.resolve("artifacts"))) {
            for (Path file : files.filter(Files::isRegularFile).filter(TaskKeeperTest::isContent).toList()) {
                file.toFile().setWritable(true);
                Files.writeString(file, "[]");
            }
        }
        assertThat(new TaskKeeper(context.resumingFrom(kept), MOST, System::nanoTime).last()).isEmpty();
    }

    @Test
    void aCheckpointThatIsGoneIsNoCheckpoint() throws IOException {
        keeper.keep(writing(Duration.ZERO));
        ArtifactRef kept = context.checkpoints().getLast();
        artifacts.delete(kept);
        assertThat(new TaskKeeper(context.resumingFrom(kept), MOST, System::nanoTime).last()).isEmpty();
    }

    private static boolean isContent(Path file) {
        try {
            return Files.readString(file).equals("{}");
        } catch (IOException e) {
            return false;
        }
    }

    private Path last(ArtifactRef kept) {
        return new TaskKeeper(context.resumingFrom(kept), MOST, System::nanoTime).last().orElseThrow();
    }

    private Writer writing(Duration takes) {
        return to -> {
            Files.writeString(to.resolve("pass.json"), "{}");
            now = now.plus(takes);
        };
    }
}
