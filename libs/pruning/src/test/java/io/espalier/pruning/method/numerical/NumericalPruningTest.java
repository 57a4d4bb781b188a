package io.espalier.pruning.method.numerical;

import static io.espalier.pruning.method.MethodFixtures.GOLDEN;
import static io.espalier.pruning.method.MethodFixtures.SHAPE;
import static io.espalier.pruning.method.MethodFixtures.assertClose;
import static io.espalier.pruning.method.MethodFixtures.options;
import static io.espalier.pruning.method.MethodFixtures.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.numerical.GlobalRanking.Budget;
import io.espalier.pruning.method.numerical.GlobalRanking.HeadScale;
import io.espalier.pruning.method.numerical.GlobalRanking.LambdaScale;
import io.espalier.pruning.method.numerical.GlobalRanking.Penalty;
import io.espalier.pruning.method.random.SerialRandom;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

class NumericalPruningTest {
    private static final MethodOptions OPTIONS = options("numerical", Map.of());

    /** Python iterates Newton's step 50 times; the Gram matrices there come from fp64 activations. */
    @Test
    void zEqualsPython() throws Exception {
        Statistics statistics = score(OPTIONS);
        GlobalRanking ranking = new GlobalRanking(SHAPE, goal(new Target.Groups(0.2)), HeadScale.NONE, Budget.PARAMS,
                Penalty.PINNED);

        UnitScores z = ranking.z((type, layer) -> NumericalPruning.score(statistics, type, layer), 0.2);

        for (int layer = 0; layer < 5; layer++) {
            assertClose(z.of(UnitType.MLP, layer), Fixtures.matrix(GOLDEN, "numerical.z.mlp")[layer], 1e-3);
            assertClose(z.of(UnitType.ATTENTION, layer), Fixtures.matrix(GOLDEN, "numerical.z.attention")[layer],
                    1e-3);
        }
    }

    @Test
    void layersMayBeScoredByDifferentTasks() throws Exception {
        Statistics whole = score(OPTIONS);
        Statistics merged = Statistics.merge(List.of(score(OPTIONS, 0, 10, 0, 2), score(OPTIONS, 0, 10, 2, 5)));

        assertThat(merged.names()).isEqualTo(whole.names());
        for (String name : whole.names()) {
            assertThat(merged.get(name)).as(name).containsExactly(whole.get(name));
        }
    }

    @Test
    void meetsATargetInParameters() throws Exception {
        Statistics statistics = score(OPTIONS);
        for (double kept : new double[]{0.8, 0.6}) {
            PruningPlan plan = new NumericalPruning().rank(new RankingTask(SHAPE, OPTIONS,
                    goal(new Target.Share(kept)), statistics, 42, null, 1, 1));

            assertThat(plan.achieved().share()).isLessThanOrEqualTo(kept).isCloseTo(kept, within(0.02));
        }
    }

    /** Half of LLaMA-7B's units as printed: the heads' scale keeps all heads, so nearly all goes to the MLP. */
    @Test
    void literalRulePrunesTheMlpOnlyAndMissesTheShare() {
        ModelShape llama = Shapes.llama7b();
        GlobalRanking literal = new GlobalRanking(llama, goal(new Target.Share(0.5), 32), HeadScale.PAPER,
                Budget.UNITS, Penalty.PINNED);

        PruningPlan plan = literal.plan((type, layer) -> noise(llama, type, layer));

        assertThat(plan.layers()).allMatch(layer -> layer.kvGroups() == 32);
        assertThat(plan.achieved().share()).isCloseTo(0.68, within(0.01));
    }

    /**
     * z of channels as least squares leaves it, skewed, and heads close to the mean: by default each type loses its share
     * of weights. In one list a target of 0.6 takes far more of the heads of a model without grouped
     * queries.
     */
    @Test
    void byDefaultHeadsAndChannelsLoseTheSameShare() {
        ModelShape llama = Shapes.llama7b();
        PruningGoal goal = goal(new Target.Share(0.6), 32);
        PruningPlan plan = new GlobalRanking(llama, goal, HeadScale.SEPARATE, Budget.PARAMS, Penalty.PINNED).plan(
                (type, layer) -> skewed(llama, type, layer));
        double rho = 0.4 * llama.parameters() / (llama.parameters() - (2 * 32000L + 1) * 4096 - 64L * 4096);

        assertThat(removed(plan, LayerPlan::kvGroups, 32 * 32)).isCloseTo(rho, within(1e-3));
        assertThat(removed(plan, LayerPlan::channels, 32 * 11008)).isCloseTo(rho, within(1e-3));
        assertThat(plan.achieved().share()).isLessThanOrEqualTo(0.6).isCloseTo(0.6, within(1e-5));

        PruningPlan oneList = new GlobalRanking(llama, goal, HeadScale.PER_PARAM, Budget.PARAMS, Penalty.PINNED).plan(
                (type, layer) -> skewed(llama, type, layer));
        assertThat(removed(oneList, LayerPlan::kvGroups, 32 * 32)).isGreaterThan(rho + 0.2);
    }

    @Test
    void whereChannelsDoNotMakeUpTheRestMoreHeadsGo() {
        ModelShape shape = Shapes.llama(8, 2, 10, true, 1, new LayerShape(4, 4, 8)); // 256 weights in heads, 192 below
        PruningGoal goal = new PruningGoal(new Target.Share(0.45), LayerRanges.all(1), new Constraints(1, 6, 1, false));
        PruningPlan plan = new GlobalRanking(shape, goal, HeadScale.SEPARATE, Budget.PARAMS, Penalty.PINNED).plan(
                (type, layer) -> noise(shape, type, layer));

        assertThat(plan.achieved().share()).isLessThanOrEqualTo(0.45);
        assertThat(plan.layers().getFirst().kvGroups()).isEqualTo(1);
    }

    @Test
    void scalesHeadsByTheirShareOfParameters() {
        assertThat(HeadScale.PER_PARAM.factor(128, 1)).isEqualTo(0.75);
        assertThat(HeadScale.PER_PARAM.factor(128, 4)).isEqualTo(1.2);
        assertThat(HeadScale.PAPER.factor(128, 1)).isCloseTo(170.67, within(0.01));
        assertThat(HeadScale.NONE.factor(128, 1)).isEqualTo(1);
    }

    /** Four channels in two heads of one group. */
    @Test
    void aGroupsScoreIsTheMeanOverAllItsQueryHeads() {
        ModelShape shape = Shapes.llama(8, 2, 10, true, 1, new LayerShape(2, 1, 4));
        GlobalRanking ranking = new GlobalRanking(shape, goal(new Target.Groups(0.5), 1), HeadScale.NONE,
                Budget.PARAMS, Penalty.PINNED);
        NewtonScore score = new NewtonScore(new double[]{1, 2, 3, 6}, 1);

        double[] z = ranking.z((_, _) -> score, 0.5).of(UnitType.ATTENTION, 0);

        assertThat(z).hasSize(1);
        assertThat(z[0]).isCloseTo(0.5, within(1e-6)); // mean of all channels: 1 - rho
    }

    /** The same form in both layers; what the second adds to the output is a hundred times larger. */
    @Test
    void oneLambdaForTheModelComparesLayersByWhatTheyAddToTheOutput() {
        ModelShape shape = Shapes.llama(8, 2, 10, true, 2, new LayerShape(4, 4, 8));
        double[] u = {1, 2, 3, 4, 5, 6, 7, 8};
        double[] hundredth = Arrays.stream(u).map(v -> v / 100).toArray();
        GlobalRanking.Scores scores = (_,
                layer) -> layer == 0 ? new NewtonScore(u, 1) : new NewtonScore(hundredth, 100);

        UnitScores pinned = ranking(shape, Penalty.PINNED).z(scores, 0.5);
        UnitScores absolute = ranking(shape, new Penalty(1e-4, LambdaScale.MODEL)).z(scores, 0.5);

        assertThat(pinned.of(UnitType.MLP, 0)).containsExactly(pinned.of(UnitType.MLP, 1), within(1e-6));
        assertThat(Arrays.stream(absolute.of(UnitType.MLP, 0)).max().orElseThrow())
                .isLessThan(Arrays.stream(absolute.of(UnitType.MLP, 1)).min().orElseThrow());
        // z = 1 - lambda rho D u / (1 + lambda sum(u)), lambda = 1e-4 (1 + 100) / 2
        double lambda = 1e-4 * 50.5;
        assertThat(absolute.of(UnitType.MLP, 0)[7]).isCloseTo(1 - lambda * 0.5 * 8 * 8 / (1 + lambda * 36),
                within(1e-12));
    }

    private static GlobalRanking ranking(ModelShape shape, Penalty penalty) {
        return new GlobalRanking(shape, goal(new Target.Groups(0.5), 2), HeadScale.SEPARATE, Budget.PARAMS, penalty);
    }

    private static double removed(PruningPlan plan, ToIntFunction<LayerPlan> kept, int all) {
        return 1 - plan.layers().stream().mapToInt(kept).sum() / (double) all;
    }

    /** u = G^-1 1 with many small and few large entries. */
    private static NewtonScore skewed(ModelShape shape, UnitType type, int layer) {
        double[] u = Arrays.stream(noise(shape, type, layer).u()).map(v -> Math.exp(4 * (v - 0.5))).toArray();
        return new NewtonScore(u, 1);
    }

    private static NewtonScore noise(ModelShape shape, UnitType type, int layer) {
        int channels = type == UnitType.MLP ? shape.layer(layer).channels() : shape.hiddenSize();
        double[] u = new SerialRandom(layer * 2L + type.ordinal()).doubles(channels, 0.5, 1.5).toArray();
        return new NewtonScore(u, 1);
    }

    private static PruningGoal goal(Target target) {
        return goal(target, 5);
    }

    private static PruningGoal goal(Target target, int layers) {
        return new PruningGoal(target, LayerRanges.all(layers), Constraints.DEFAULT);
    }
}
