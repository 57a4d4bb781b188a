package io.espalier.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.surgery.Slicer;
import io.espalier.pruning.surgery.WeightUpdate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From scores to a checkpoint that is read back, for a small random model of every family (tools/golden/models.py). */
class FamiliesTest {
    private static final Path GOLDEN = Path.of("../model/src/test/resources/golden");

    @TempDir
    private Path folder;

    static List<String> models() {
        return List.of("llama3", "llama-tied", "mistral-window", "qwen2", "qwen2-yarn", "qwen3", "phi3", "gemma",
                "gemma2", "glm", "glm4", "chatglm", "chatglm-32k", "baichuan");
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatWeightsSayIsCutOutOfEveryLayout(String name) throws Exception {
        assertCutIsMask(GOLDEN.resolve(name), options("magnitude"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatGradientsSayIsCutOutOfEveryLayout(String name) throws Exception {
        assertCutIsMask(GOLDEN.resolve(name), options("llm-pruner").put("criterion", "param_mix"));
    }

    /** Fused matrices lose columns, and the norms behind attention and MLP go along. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "phi3", "gemma2", "glm4", "chatglm-32k", "baichuan"})
    void theResidualStreamIsCutOutOfEveryLayout(String name) throws Exception {
        Path original = GOLDEN.resolve(name);
        PruningPlan plan = plan(original, options("llm-pruner").put("mode", "channel-wise"), 0.25);

        Path pruned = slice(original, plan);

        assertThat(ModelConfig.read(pruned).hiddenSize()).isEqualTo(ModelConfig.read(original).hiddenSize() * 3 / 4);
        assertThat(ModelConfig.read(pruned).parameters()).isEqualTo(plan.achieved().parameters());
        assertThat(Logits.of(pruned, tokens(original))).doesNotContain(Float.NaN);
    }

    private void assertCutIsMask(Path original, ObjectNode options) throws Exception {
        PruningPlan plan = plan(original, options, 0.5);
        Path pruned = slice(original, plan);

        float[] expected = Logits.masked(original, tokens(original), plan);
        float[] actual = Logits.of(pruned, tokens(original));

        assertThat(actual).hasSameSizeAs(expected);
        double scale = IntStream.range(0, expected.length).mapToDouble(i -> Math.abs(expected[i])).max().orElseThrow();
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("logit %d", i).isCloseTo(expected[i], within(1e-5 * scale));
        }
        assertThat(expected).isNotEqualTo(Logits.of(original, tokens(original)));
        assertThat(ModelConfig.read(pruned).parameters()).isEqualTo(plan.achieved().parameters());
        assertThat(names(pruned)).isEqualTo(names(original));
    }

    private static PruningPlan plan(Path model, ObjectNode json, double removed) throws Exception {
        ModelShape shape = ModelShape.of(ModelConfig.read(model));
        var options = new MethodOptions(json);
        PruningMethod method = Methods.named(options.name());
        LayerRanges all = LayerRanges.all(shape.layers().size());
        Statistics statistics = method.score(new ScoringTask(model, options, all, tokens(model), 0, 0,
                shape.layers().size(), 1, Compute.STREAMED, Progress.NONE));
        var goal = new PruningGoal(new Target.Groups(removed), all, new Constraints(1, 1, 1, false));
        return method.rank(new RankingTask(shape, options, goal, statistics, 7, null, 1, 1));
    }

    private Path slice(Path original, PruningPlan plan) throws Exception {
        Path target = Files.createTempDirectory(folder, "pruned");
        try (Checkpoint checkpoint = Checkpoint.open(original)) {
            new Slicer(checkpoint, plan).write(target, WeightUpdate.NONE, CheckpointWriter.DEFAULT_SHARD_BYTES,
                    Progress.NONE);
        }
        return target;
    }

    private static Set<String> names(Path model) {
        try (SafetensorsFile file = SafetensorsFile.open(model.resolve("model.safetensors"))) {
            return Set.copyOf(file.tensors().keySet());
        }
    }

    private static int[][] tokens(Path model) {
        return Fixtures.tokens(model.resolve("expected.safetensors"));
    }

    private static ObjectNode options(String method) {
        return JsonNodeFactory.instance.objectNode().put("name", method);
    }
}
