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
import io.espalier.pruning.method.random.SerialRandom;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NumericalPruningTest {
    private static final MethodOptions OPTIONS = options("numerical", Map.of());

    /** Python iterates Newton's step 50 times; the Gram matrices there come from fp64 activations. */
    @Test
    void zEqualsPython() throws Exception {
        Statistics statistics = score(OPTIONS);
        GlobalRanking ranking = new GlobalRanking(SHAPE, goal(new Target.Groups(0.2)), HeadScale.NONE, Budget.PARAMS,
                1e6);

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
                Budget.UNITS, 1e6);

        PruningPlan plan = literal.plan((type, layer) -> noise(llama, type, layer));

        assertThat(plan.layers()).allMatch(layer -> layer.kvGroups() == 32);
        assertThat(plan.achieved().share()).isCloseTo(0.68, within(0.01));
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
                Budget.PARAMS, 1e6);
        NewtonScore score = new NewtonScore(new double[]{1, 2, 3, 6}, 1);

        double[] z = ranking.z((_, _) -> score, 0.5).of(UnitType.ATTENTION, 0);

        assertThat(z).hasSize(1);
        assertThat(z[0]).isCloseTo(0.5, within(1e-6)); // mean of all channels: 1 - rho
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
