package io.espalier.pruning.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.DepthSelector;
import io.espalier.pruning.plan.GlobalSelector;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import io.espalier.pruning.plan.UnreachableTargetException;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencySelectorTest {
    private static final ModelShape SHAPE = Shapes.llama(64, 8, 512, true, 6, new LayerShape(8,
            8, 200));
    private static final LatencyModel MODEL = new LatencyModel(1, 0.2, 0.05, 0.01, 0);
    private static final double WHOLE = MODEL.predict(Widths.of(SHAPE));

    /** Whatever the scores, the plan keeps the time, and one step more would not. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void meetsTheTimeNarrowly(long seed) {
        UnitScores scores = scores(new Random(seed));
        for (double share : new double[]{0.95, 0.8, 0.6, 0.4}) {
            assertNarrow(share, target -> global().selectParameters(scores, target.budget(SHAPE)), 0.05);
            LocalSelector local = new LocalSelector(SHAPE, SHAPE, LayerRanges.all(6), Constraints.DEFAULT);
            // a step takes a KV group of every layer
            assertNarrow(share, target -> local.select(scores, local.ratios(target)), 6 * (0.05 + 0.02));
        }
    }

    @Test
    void layersGoWhereAMethodTakesLayers() {
        DepthSelector depth = new DepthSelector(SHAPE);
        PruningPlan plan = select(0.6, target -> depth.select(depth.kept(target))).plan();
        assertThat(plan.layers()).hasSize(3);
    }

    @Test
    void aTimeThatTheModelKeepsAnywayTakesNothing() {
        LatencySelector.Found found = select(1.1, target -> global().selectParameters(scores(new Random(1)), target
                .budget(SHAPE)));
        assertThat(found.share()).isEqualTo(1);
        assertThat(found.plan().achieved().parameters()).isEqualTo(SHAPE.parameters());
    }

    @Test
    void aTimeBelowWhatMustStayIsRefusedWithTheNumbers() {
        assertThatThrownBy(() -> select(0.1, target -> global().selectParameters(scores(new Random(1)), target.budget(
                SHAPE)))).isInstanceOf(UnreachableTargetException.class)
                .hasMessageStartingWith(
                        "target.latency: 1.660 ms cannot be reached: the original should take 16.60 ms, "
                                + "and the smallest plan");
    }

    /** What is wrong with a request is not taken for a plan that is too small. */
    @Test
    void otherRefusalsPassThrough() {
        assertThatThrownBy(() -> select(0.5, _ -> {
            throw new IllegalArgumentException("layers.mlp: no");
        })).hasMessage("layers.mlp: no");
    }

    private static void assertNarrow(double share, Function<Target, PruningPlan> ranking, double step) {
        double time = MODEL.predict(Widths.of(select(share, ranking).plan().shape(SHAPE)));
        assertThat(time).isLessThanOrEqualTo(share * WHOLE).isGreaterThan(share * WHOLE - step);
    }

    private static LatencySelector.Found select(double share, Function<Target, PruningPlan> ranking) {
        return new LatencySelector(SHAPE, MODEL, share * WHOLE).select(ranking);
    }

    private static GlobalSelector global() {
        return new GlobalSelector(SHAPE, Set.of(UnitType.ATTENTION, UnitType.MLP), GlobalSelector.Key.NONE, LayerRanges
                .all(6), Constraints.DEFAULT);
    }

    private static UnitScores scores(Random random) {
        UnitScores scores = new UnitScores();
        for (int layer = 0; layer < 6; layer++) {
            scores.put(UnitType.ATTENTION, layer, random.doubles(8).toArray());
            scores.put(UnitType.MLP, layer, random.doubles(200).toArray());
        }
        return scores;
    }
}
