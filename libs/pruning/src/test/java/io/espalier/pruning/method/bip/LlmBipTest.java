package io.espalier.pruning.method.bip;

import static io.espalier.pruning.method.MethodFixtures.GOLDEN;
import static io.espalier.pruning.method.MethodFixtures.SHAPE;
import static io.espalier.pruning.method.MethodFixtures.assertClose;
import static io.espalier.pruning.method.MethodFixtures.options;
import static io.espalier.pruning.method.MethodFixtures.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.pruning.Fixtures;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.bip.LlmBip.Norm;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LlmBipTest {
    private static final PruningGoal GOAL = new PruningGoal(new Target.Share(0.8), LayerRanges.all(5),
            Constraints.DEFAULT);

    @ParameterizedTest
    @CsvSource({"l1, plain", "l1, gated", "l2, plain"})
    void scoresEqualPython(String norm, String gain) throws Exception {
        BlockScore score = new BlockScore(norm.equals("l1") ? Norm.L1 : Norm.L2,
                score(options("llm-bip", Map.of("norm", norm, "ffnGain", gain))));
        for (int layer = 0; layer < 5; layer++) {
            assertClose(score.channels(UnitType.MLP, layer),
                    Fixtures.matrix(GOLDEN, "bip." + norm + ".plain.mlp")[layer], 1e-5);
            assertClose(score.channels(UnitType.ATTENTION, layer),
                    Fixtures.matrix(GOLDEN, "bip." + norm + "." + gain + ".attention")[layer], 1e-5);
        }
    }

    @ParameterizedTest
    @CsvSource({"l1, plain", "l1, gated", "l2, plain"})
    void samplesMayBeScoredByDifferentTasks(String norm, String gain) throws Exception {
        MethodOptions options = options("llm-bip", Map.of("norm", norm, "ffnGain", gain));
        Statistics whole = score(options);
        Statistics merged = Statistics.merge(
                List.of(score(options, 0, 4, 0, 5), score(options, 4, 8, 0, 5), score(options, 8, 10, 0, 5)));

        assertThat(merged.names()).isEqualTo(whole.names());
        for (String name : whole.names()) {
            assertThat(merged.get(name)).as(name).containsExactly(whole.get(name));
        }
    }

    @ParameterizedTest
    @CsvSource({"local", "global"})
    void plansMeetTheTarget(String ranking) throws Exception {
        MethodOptions options = options("llm-bip", Map.of("ranking", ranking));

        PruningPlan plan = new LlmBip().rank(new RankingTask(SHAPE, options, GOAL, score(options), 42, null, 1, 1));

        assertThat(plan.achieved().share()).isLessThanOrEqualTo(0.8).isCloseTo(0.8, within(0.02));
    }

    @Test
    void refusesAGainThatTheNormHasNoBoundFor() {
        assertThatThrownBy(() -> new LlmBip().check(SHAPE, GOAL,
                options("llm-bip", Map.of("norm", "l2", "ffnGain", "gated"))))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ffnGain");
    }
}
