package io.espalier.pruning.surgery;

import static io.espalier.pruning.method.MethodFixtures.SHAPE;
import static io.espalier.pruning.method.MethodFixtures.TOKENS;
import static io.espalier.pruning.method.MethodFixtures.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.forward.ForwardVisitor;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.model.forward.TokenScores;
import io.espalier.model.weights.Checkpoint;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.Objective;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.UpdateTask;
import io.espalier.pruning.method.measure.Candidates;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotary pairs that go inside heads, other ones in every group and layer: the cut model equals the masked one. */
class InsideHeadsTest {
    private static final List<Integer> GROUPS = List.of(0, 1, 2, 3);
    private static final List<Integer> CHANNELS = IntStream.range(0, 172).filter(i -> i % 4 != 1).boxed().toList();
    private static final PruningPlan PLAN = PruningPlan.of(SHAPE, IntStream.range(0, 5).mapToObj(
            layer -> LayerPlan.of(layer, 2, GROUPS, CHANNELS).withHeadDims(dims(layer))).toList(), null);

    @TempDir
    Path folder;

    @Test
    void cutModelEqualsMaskedModel() throws Exception {
        slice(WeightUpdate.NONE);

        ModelConfig config = ModelConfig.read(folder);
        assertThat(config.parameters()).isEqualTo(PLAN.achieved().parameters());
        assertThat(config.headDim(0)).isEqualTo(4);
        assertThat(config.headDim(2)).isEqualTo(6);
        double masked = new Candidates(Fixtures.STORIES, Compute.STREAMED, TOKENS, 5, Progress.NONE)
                .measure(Objective.PERPLEXITY, List.of(PLAN))[0];
        assertThat(perplexity()).isCloseTo(masked, within(1e-5 * masked));
    }

    @Test
    void repairHelpsInsideHeadsToo() throws Exception {
        slice(WeightUpdate.NONE);
        double before = perplexity();
        Path other = folder;
        folder = other.resolve("repaired");
        Files.createDirectory(folder);
        try (WeightUpdate update = Methods.named("search").update(new UpdateTask(Fixtures.STORIES,
                options("search", Map.of()), PLAN, TOKENS, 2, Compute.STREAMED, Progress.NONE))) {
            slice(update);
        }

        assertThat(perplexity()).isLessThan(0.8 * before);
    }

    @Test
    void cannotBePrunedAgain() throws Exception {
        slice(WeightUpdate.NONE);

        assertThatThrownBy(() -> ModelShape.of(ModelConfig.read(folder)))
                .isInstanceOf(UnsupportedModelException.class).hasMessageContaining("prune the original");
    }

    private void slice(WeightUpdate update) throws Exception {
        try (Checkpoint original = Checkpoint.open(Fixtures.STORIES)) {
            new Slicer(original, PLAN).write(folder, update, 1L << 30, Progress.NONE);
        }
    }

    private double perplexity() {
        try (Model model = Model.streamed(folder, Device.cpu())) {
            List<TokenScores> scores = new Streamer(model).scores(MicroBatches.of(TOKENS, 5), ForwardVisitor.NONE);
            double nll = scores.stream().mapToDouble(TokenScores::nll).sum();
            return Math.exp(nll / scores.stream().mapToInt(s -> s.logProbability().length).sum());
        }
    }

    /** Pairs (0,4) (1,5) (2,6) (3,7): three stay in even layers from 2 on, two elsewhere. */
    private static List<List<Integer>> dims(int layer) {
        int kept = layer > 0 && layer % 2 == 0 ? 3 : 2;
        return IntStream.range(0, 4).mapToObj(group -> {
            List<Integer> pairs = IntStream.range(0, kept).map(i -> (i + group + layer) % 4).sorted().boxed().toList();
            return IntStream.concat(pairs.stream().mapToInt(p -> p), pairs.stream().mapToInt(p -> p + 4)).boxed()
                    .toList();
        }).toList();
    }
}
