package io.espalier.gpu.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.ForwardVisitor;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.model.forward.TokenScores;
import io.espalier.model.text.Segments;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Recovery;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.surgery.Slicer;
import io.espalier.pruning.surgery.WeightUpdate;
import io.espalier.worker.task.FakeContext;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recovery of a pruned stories model, from artifact to artifact. */
class RecoverHandlerTest {
    private static final Path EXAMPLES = Path.of("../examples").toAbsolutePath().normalize();
    private static final Path STORIES = EXAMPLES.resolve("models/stories");
    private static final Path TRAIN = EXAMPLES.resolve("data/tinystories-train.jsonl");

    @TempDir
    private Path folder;
    private ArtifactStore artifacts;
    private ArtifactRef pruned;

    @BeforeEach
    void prune() throws Exception {
        artifacts = ArtifactStores.open(folder.resolve("store").toString());
        Path target = Files.createDirectory(folder.resolve("pruned"));
        List<Integer> channels = IntStream.range(0, 120).boxed().toList();
        try (Checkpoint original = Checkpoint.open(STORIES)) {
            var layers = IntStream.range(0, 5)
                    .mapToObj(l -> LayerPlan.of(l, 2, l == 2 ? List.of(0, 1, 3) : List.of(0, 1, 2, 3), channels))
                    .toList();
            PruningPlan plan = PruningPlan.of(ModelShape.of(original.config()), layers, null);
            new Slicer(original, plan).write(target, WeightUpdate.NONE, CheckpointWriter.DEFAULT_SHARD_BYTES,
                    (done, line) -> {});
        }
        pruned = artifacts.putTree(target);
    }

    @AfterEach
    void close() throws Exception {
        artifacts.close();
    }

    @Test
    void recoversPartOfWhatPruningCost() throws Exception {
        FakeContext context = context();
        TaskResult result = handler().run(work(TRAIN.toString(), 20), context);

        JsonNode facts = result.facts();
        assertThat(facts.get("accepted").asBoolean()).isTrue();
        assertThat(facts.get("validationAfter").asDouble()).isLessThan(facts.get("validationBefore").asDouble());
        assertThat(facts.get("losses").get(0).get(1).isNull()).as("nothing is trained at step 0").isTrue();
        assertThat(facts.get("losses").get(0).get(2).asDouble())
                .isCloseTo(facts.get("validationBefore").asDouble(), within(1e-12));
        assertThat(context.tokens()).isPositive();

        Path recovered = artifacts.tree(result.outputs().get("model"));
        assertThat(ModelConfig.read(recovered).layers()).isEqualTo(ModelConfig.read(artifacts.tree(pruned)).layers());
        double before = perplexity(artifacts.tree(pruned));
        double after = perplexity(recovered);
        assertThat(after).as("recovered against pruned %f", before).isLessThan(0.95 * before);
    }

    @Test
    void goesOnFromTheCheckpointOfAKilledWorker() throws Exception {
        TaskResult whole = handler().run(work(TRAIN.toString(), 12), context());
        FakeContext killed = context().interruptedAt("step 7 of");
        assertThatThrownBy(() -> handler().run(work(TRAIN.toString(), 12), killed))
                .isInstanceOf(InterruptedException.class);
        FakeContext successor = context().resumingFrom(killed.checkpoints().getLast());
        TaskResult resumed = handler().run(work(TRAIN.toString(), 12), successor);
        assertThat(resumed).isEqualTo(whole);
        assertThat(successor.messages()).noneMatch(m -> m.startsWith("step 3 of"));
    }

    @Test
    void saysWhatIsWrongWithTheData() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.jsonl"), "{\"txt\": \"x\"}\n");
        assertThatThrownBy(() -> handler().run(work(broken.toString(), 1), context()))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageStartingWith("recovery.lora.data: ").hasMessageContaining("entry 1");
        assertThatThrownBy(() -> handler().run(work("no/such/file", 1), context()))
                .isInstanceOf(PermanentFailureException.class).hasMessageStartingWith("recovery.lora.data: ");
    }

    private FakeContext context() throws Exception {
        return new FakeContext(artifacts, Files.createTempDirectory(folder, "attempt"));
    }

    private static RecoverHandler handler() {
        return new RecoverHandler(Device.cpu(), Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private Work.Recover work(String data, int steps) {
        var lora = new Recovery.Lora(data, 8, 16, 0.05, 4e-3, 8, 4, 1, 128, steps, 2, 0, 1, 16, 10, 5, false);
        return new Work.Recover(new ModelSource.Tree(pruned), lora, 42);
    }

    private static double perplexity(Path model) {
        try (Model opened = Model.resident(model, Device.cpu()); Tokenizer tokenizer = Tokenizer.open(model)) {
            int[][] segments = Segments.cut(tokenizer, TextSource.read(EXAMPLES.resolve("data/tinystories-valid.txt")),
                    128, 30);
            List<TokenScores> scores = new Streamer(opened).scores(MicroBatches.of(segments, 10), ForwardVisitor.NONE);
            return Math.exp(scores.stream().mapToDouble(TokenScores::nll).sum() / (30 * 127));
        }
    }
}
