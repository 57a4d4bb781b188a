package io.espalier.pruning.method.nirvana;

import static io.espalier.pruning.method.MethodFixtures.SHAPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.method.random.SerialRandom;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlobalCountsTest {
    @ParameterizedTest
    @ValueSource(doubles = {0.9, 0.8, 0.6, 0.5})
    void meetsATargetInParametersWithMultiplesOfEight(double kept) {
        PruningPlan plan = plan(new Target.Share(kept), Constraints.DEFAULT, noise());

        assertThat(plan.achieved().share()).isLessThanOrEqualTo(kept).isCloseTo(kept, within(0.01));
        assertThat(plan.layers()).allMatch(
                layer -> layer.channels() % 8 == 0 || layer.channels() == SHAPE.layer(0).channels());
        assertThat(plan.layers()).allMatch(layer -> layer.kvGroups() >= 1 && layer.channels() >= 8);
    }

    /** All groups of layer 2 and all its channels score lowest: the best of each stay. */
    @Test
    void sparesTheBestOfALayerThatFallsBelow() {
        UnitScores scores = noise();
        scores.put(UnitType.ATTENTION, 2, 0.001, 0.004, 0.003, 0.002);
        double[] low = new double[172];
        for (int i = 0; i < low.length; i++) {
            low[i] = 1e-6 * ((i + 86) % 172);
        }
        scores.put(UnitType.MLP, 2, low);

        LayerPlan layer = plan(new Target.Share(0.5), Constraints.DEFAULT, scores).layers().get(2);

        assertThat(layer.keptKvGroups()).containsExactly(1);
        assertThat(layer.keptChannels()).containsExactly(78, 79, 80, 81, 82, 83, 84, 85);
    }

    @Test
    void equalWidthsOnRequest() {
        PruningPlan plan = plan(new Target.Share(0.7), Constraints.of(8, true), noise());

        assertThat(plan.isUniform()).isTrue();
        assertThat(plan.achieved().share()).isLessThanOrEqualTo(0.7).isGreaterThan(0.6);
    }

    @Test
    void refusesWhatCannotBeReached() {
        assertThatThrownBy(() -> plan(new Target.Share(0.1), Constraints.DEFAULT, noise()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cannot be reached");
    }

    private static PruningPlan plan(Target target, Constraints constraints, UnitScores scores) {
        return new GlobalCounts(Shapes.stories(), new PruningGoal(target, LayerRanges.all(5), constraints),
                Double.NaN).plan(scores);
    }

    private static UnitScores noise() {
        SerialRandom random = new SerialRandom(3);
        UnitScores scores = new UnitScores();
        for (int layer = 0; layer < 5; layer++) {
            scores.put(UnitType.ATTENTION, layer, random.doubles(4, 1, 2).toArray());
            scores.put(UnitType.MLP, layer, random.doubles(172, 1, 2).toArray());
        }
        return scores;
    }
}
