package io.espalier.pruning.method.llmpruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Criterion;
import io.espalier.pruning.importance.GqaFold;
import io.espalier.pruning.importance.GroupImportance;
import io.espalier.pruning.importance.Reduction;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.UnitScores;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Scores of every unit of a trained model by every criterion, reduction and fold, against Python torch in fp64: equal to
 * 1e-4. The signed sums of {@code vectorize} cancel, some to a hundred-thousandth of their terms, and what is left of
 * those is rounding of the fp32 gradients: there the difference is also measured against the sum of the absolute terms,
 * which is the score of {@code param_first}.
 */
class GoldenScoresTest {
    private static final double TOLERANCE = 1e-4;
    private static final double CANCELLATION = 3e-6;
    private static final ModelShape SHAPE = ModelShape.of(ModelConfig.read(Fixtures.STORIES));

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RANDOM")
    void scoresEqualPython(Criterion criterion) throws Exception {
        Statistics statistics = new LlmPruner().score(task(criterion));
        for (Reduction reduction : Reduction.values()) {
            if (reduction == Reduction.SECOND) {
                continue; // not in the golden file
            }
            for (GqaFold fold : GqaFold.values()) {
                UnitScores scores = new GroupImportance(criterion, reduction, fold).blockWise(SHAPE,
                        LayerRanges.all(5), statistics);
                String name = criterion.label() + "." + reduction.name().toLowerCase(Locale.ROOT);
                compare(scores, UnitType.MLP, "mlp." + name);
                compare(scores, UnitType.ATTENTION,
                        "attention." + name + "." + fold.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            }
        }
    }

    private static void compare(UnitScores scores, UnitType type, String golden) {
        double[][] expected = Fixtures.matrix(Fixtures.IMPORTANCE, golden);
        double[][] terms = Fixtures.matrix(Fixtures.IMPORTANCE, golden.replace("vectorize", "param_first"));
        double cancellation = golden.contains("vectorize") ? CANCELLATION : 0;
        for (int layer = 0; layer < expected.length; layer++) {
            double[] actual = scores.of(type, layer);
            assertThat(actual).hasSameSizeAs(expected[layer]);
            for (int unit = 0; unit < actual.length; unit++) {
                double allowed = TOLERANCE * Math.abs(expected[layer][unit]) + cancellation * terms[layer][unit];
                assertThat(actual[unit]).as("%s, layer %d, unit %d", golden, layer, unit)
                        .isCloseTo(expected[layer][unit], within(allowed));
            }
        }
    }

    private static ScoringTask task(Criterion criterion) {
        ObjectNode options = JsonNodeFactory.instance.objectNode().put("name", "llm-pruner").put("criterion",
                criterion.label());
        return new ScoringTask(Fixtures.STORIES, new MethodOptions(options), LayerRanges.all(5),
                Fixtures.tokens(Fixtures.IMPORTANCE), 0, 0, 5, 4, Compute.STREAMED, Progress.NONE);
    }
}
