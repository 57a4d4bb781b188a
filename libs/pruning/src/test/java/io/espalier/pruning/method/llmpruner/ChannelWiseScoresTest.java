package io.espalier.pruning.method.llmpruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scores of the dimensions of the residual stream, through embedding, every block and final norm, against Python. */
class ChannelWiseScoresTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/channel-wise.safetensors");
    private static final ModelShape SHAPE = ModelShape.of(ModelConfig.read(Fixtures.STORIES));

    @ParameterizedTest
    @EnumSource(names = {"L1", "L2", "VECTORIZE", "PARAM_FIRST"})
    void scoresEqualPython(Criterion criterion) throws Exception {
        var options = new MethodOptions(JsonNodeFactory.instance.objectNode().put("name", "llm-pruner")
                .put("mode", "channel-wise").put("criterion", criterion.label()));
        Statistics statistics = new LlmPruner().score(new ScoringTask(Fixtures.STORIES, options, LayerRanges.all(5),
                Fixtures.tokens(GOLDEN), 0, 0, 5, 4, Compute.STREAMED, Progress.NONE));
        compare(criterion, Reduction.SUM, criterion.label(), statistics);
        compare(criterion, Reduction.MAX, criterion.label() + ".max", statistics);
    }

    private static void compare(Criterion criterion, Reduction reduction, String golden, Statistics statistics) {
        double[] expected = Fixtures.matrix(GOLDEN, golden)[0];
        double[] actual = new GroupImportance(criterion, reduction, GqaFold.CONTIGUOUS)
                .channelWise(SHAPE, statistics).of(UnitType.HIDDEN, 0);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("%s, dimension %d", golden, i)
                    .isCloseTo(expected[i], within(1e-4 * expected[i]));
        }
    }
}
