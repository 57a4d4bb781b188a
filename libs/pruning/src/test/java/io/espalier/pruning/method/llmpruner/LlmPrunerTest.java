package io.espalier.pruning.method.llmpruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.RandomModels;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.method.Sharding;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlmPrunerTest {
    private static final ModelShape STORIES = ModelShape.of(ModelConfig.read(Fixtures.STORIES));
    private static final int[][] SAMPLES = Fixtures.tokens(Fixtures.IMPORTANCE);

    @TempDir
    Path folder;

    /** methods.md, section 7: query heads 4 and 5, all that read KV group 2, do nothing in any layer. */
    @ParameterizedTest
    @ValueSource(strings = {"l1", "l2", "param_first", "param_second", "vectorize"})
    void theGroupWhoseQueryHeadsDoNothingGoes(String criterion) throws Exception {
        Path model = withDeadGroup();
        PruningPlan plan = plan(model, options().put("criterion", criterion), new Target.Groups(0.25));
        assertThat(plan.layers()).hasSize(3).extracting(LayerPlan::keptKvGroups).containsOnly(List.of(0, 1, 3));
    }

    /** The official fold gives the two dead heads to groups 0 and 1: it keeps group 2, which is worth nothing. */
    @Test
    void theLegacyFoldReversesTheRanking() throws Exception {
        PruningPlan plan = plan(withDeadGroup(), options().put("criterion", "l1").put("gqaFold", "strided-legacy"),
                new Target.Groups(0.5));
        assertThat(plan.layers()).extracting(LayerPlan::keptKvGroups).containsOnly(List.of(2, 3));
    }

    private Path withDeadGroup() throws Exception {
        Path model = RandomModels.write(Files.createDirectory(folder.resolve("model")),
                "llama, heads 8, kv 4, tied false, float32");
        return RandomModels.changed(model, Files.createDirectory(folder.resolve("dead")), (tensor, rows) -> {
            if (tensor.holds(Role.Q)) {
                Arrays.stream(rows, 32, 48).forEach(row -> Arrays.fill(row, 0));
            } else if (tensor.holds(Role.O)) {
                Arrays.stream(rows).forEach(row -> Arrays.fill(row, 32, 48, 0));
            }
        });
    }

    /** Whatever the number of tasks: the same statistics and the same plan, to the last bit. */
    @ParameterizedTest
    @CsvSource({"vectorize, 1", "vectorize, 3", "vectorize, 10", "param_second, 4", "l1, 2", "l2, 5"})
    void oneTaskAndManyMakeTheSamePlan(String criterion, int shards) throws Exception {
        ObjectNode options = options().put("criterion", criterion);
        Statistics whole = score(Fixtures.STORIES, options, SAMPLES, 0, 5);
        Sharding sharding = new LlmPruner().scoring(new MethodOptions(options)).sharding();
        List<Statistics> parts = new ArrayList<>();
        for (int i = 0; i < shards; i++) {
            if (sharding == Sharding.BY_SAMPLES) {
                int[][] samples = Arrays.copyOfRange(SAMPLES, 10 * i / shards, 10 * (i + 1) / shards);
                parts.add(score(Fixtures.STORIES, options, samples, 0, 5));
            } else {
                parts.add(score(Fixtures.STORIES, options, new int[0][], 5 * i / shards, 5 * (i + 1) / shards));
            }
        }
        Statistics merged = Statistics.merge(parts);
        assertThat(merged.names()).isEqualTo(whole.names());
        for (String name : whole.names()) {
            assertThat(merged.get(name)).as(name).isEqualTo(whole.get(name));
        }
        Target target = new Target.Share(0.8);
        assertThat(rank(STORIES, options, target, merged, null, 1, 1))
                .isEqualTo(rank(STORIES, options, target, whole, null, 1, 1));
    }

    @Test
    void criteriaThatDoNotMergeSayWhy() {
        assertThat(new LlmPruner().scoring(new MethodOptions(options())).sharding()).isEqualTo(Sharding.WHOLE);
        assertThat(new LlmPruner().scoring(new MethodOptions(options())).note()).contains("absolute value");
        assertThat(new LlmPruner().scoring(new MethodOptions(options().put("criterion", "param_second"))).note())
                .isNull();
    }

    @Test
    void theMicroBatchDoesNotMatter() throws Exception {
        Statistics one = score(Fixtures.STORIES, options(), SAMPLES, 0, 5);
        var task = new ScoringTask(Fixtures.STORIES, new MethodOptions(options()), LayerRanges.all(5), SAMPLES, 0, 0, 5,
                10, Compute.STREAMED, Progress.NONE);
        Statistics ten = new LlmPruner().score(task);
        Target target = new Target.Share(0.8);
        assertThat(rank(STORIES, options(), target, ten, null, 1, 1))
                .isEqualTo(rank(STORIES, options(), target, one, null, 1, 1));
    }

    @ParameterizedTest
    @CsvSource({"local, 0.8", "local, 0.6", "global, 0.8", "global, 0.6"})
    void aShareOfParametersIsMet(String ranking, double share) throws Exception {
        PruningPlan plan = plan(Fixtures.STORIES, options().put("criterion", "l2").put("ranking", ranking),
                new Target.Share(share));
        assertThat(plan.achieved().share()).isLessThanOrEqualTo(share).isGreaterThan(share - 0.015);
        assertThat(plan.achieved().parameters()).isEqualTo(plan.shape(STORIES).parameters());
    }

    @Test
    void globalGroupsCountEveryUnitOnce() throws Exception {
        PruningPlan plan = plan(Fixtures.STORIES, options().put("criterion", "l2").put("ranking", "global"),
                new Target.Groups(0.25));
        int kept = plan.layers().stream().mapToInt(layer -> layer.kvGroups() + layer.channels()).sum();
        assertThat(kept).isEqualTo((int) (5 * (4 + 172) * 0.75));
    }

    @Test
    void twoStepsAreComposedIntoUnitsOfTheOriginal() throws Exception {
        ObjectNode options = options().put("criterion", "random").put("iterativeSteps", 2);
        Target target = new Target.Groups(0.5);
        PruningPlan first = rank(STORIES, options, target, new Statistics(), null, 1, 2);
        PruningPlan second = rank(STORIES, options, target, new Statistics(), first, 2, 2);
        assertThat(first.layers()).extracting(LayerPlan::channels).containsOnly(129); // int(172 * 0.75)
        assertThat(second.layers()).extracting(LayerPlan::channels).containsOnly(86);
        assertThat(second.layers()).extracting(LayerPlan::kvGroups).containsOnly(2);
        for (int layer = 0; layer < 5; layer++) {
            assertThat(first.layers().get(layer).keptChannels())
                    .containsAll(second.layers().get(layer).keptChannels());
        }
    }

    @Test
    void channelWisePrunesTheResidualStream() throws Exception {
        for (String criterion : List.of("l1", "param_first", "vectorize", "random")) {
            PruningPlan plan = plan(Fixtures.STORIES,
                    options().put("mode", "channel-wise").put("criterion", criterion), new Target.Groups(0.25));
            assertThat(plan.keptHidden()).hasSize(48).isSorted();
            assertThat(plan.layers()).extracting(LayerPlan::shape).isEqualTo(STORIES.layers());
        }
        assertThatThrownBy(() -> new LlmPruner().check(STORIES, goal(new Target.Groups(0.25)),
                new MethodOptions(options().put("mode", "channel-wise").put("criterion", "param_mix"))))
                .hasMessageContaining("method.criterion: param_mix");
    }

    @Test
    void layerWiseKeepsTheFirstBlocks() throws Exception {
        PruningPlan plan = plan(Fixtures.STORIES, options().put("mode", "layer-wise").put("keepLayers", 3),
                new Target.Share(0.9));
        assertThat(plan.layers()).extracting(LayerPlan::layer).containsExactly(0, 1, 2);
        PruningPlan byTarget = plan(Fixtures.STORIES, options().put("mode", "layer-wise"), new Target.Share(0.7));
        assertThat(byTarget.achieved().share()).isLessThanOrEqualTo(0.7);
        assertThat(byTarget.layers()).hasSize(3);
    }

    @Test
    void methodsAreFoundByName() {
        assertThat(Methods.named("magnitude")).isInstanceOf(Magnitude.class);
        assertThat(Methods.named("random")).isInstanceOf(RandomBaseline.class);
        assertThatThrownBy(() -> Methods.named("magic")).hasMessageContaining("method.name: 'magic' is none of")
                .hasMessageContaining("llm-pruner");
    }

    private static PruningPlan plan(Path model, ObjectNode options, Target target) throws Exception {
        ModelShape shape = ModelShape.of(ModelConfig.read(model));
        int vocabulary = shape.vocabulary();
        int[][] samples = Arrays.stream(SAMPLES).limit(4)
                .map(s -> Arrays.stream(s).limit(32).map(t -> t % vocabulary).toArray()).toArray(int[][]::new);
        return rank(shape, options, target, score(model, options, samples, 0, shape.layers().size()), null, 1, 1);
    }

    private static Statistics score(Path model, ObjectNode options, int[][] samples, int from, int to)
            throws Exception {
        int layers = ModelConfig.read(model).layers().size();
        return new LlmPruner().score(new ScoringTask(model, new MethodOptions(options), LayerRanges.all(layers),
                samples, 0, from, to, 1, Compute.STREAMED, Progress.NONE));
    }

    private static PruningPlan rank(ModelShape shape, ObjectNode options, Target target, Statistics statistics,
            PruningPlan previous, int step, int steps) {
        PruningMethod method = new LlmPruner();
        var goal = new PruningGoal(target, LayerRanges.all(shape.layers().size()), new Constraints(1, 8, 1, false));
        return method.rank(
                new RankingTask(shape, new MethodOptions(options), goal, statistics, 42, previous, step, steps));
    }

    private static PruningGoal goal(Target target) {
        return new PruningGoal(target, LayerRanges.all(5), Constraints.DEFAULT);
    }

    private static ObjectNode options() {
        return JsonNodeFactory.instance.objectNode().put("name", "llm-pruner");
    }
}
