package io.espalier.pruning.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.pruning.Fixtures;
import io.espalier.pruning.plan.LayerRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scoring that nobody wants any more ends soon, whichever way it goes through the model. */
class CalledAwayTest {
    private static final int LAYERS = MethodFixtures.SHAPE.layers().size();

    @ParameterizedTest
    @ValueSource(strings = {"llm-pruner", "nirvana", "adapruner", "search", "numerical", "llm-bip", "magnitude"})
    void endsWithinTheFirstBlock(String method) {
        List<Double> asked = new ArrayList<>();
        MethodOptions options = MethodFixtures.options(method, Map.of());
        var task = new ScoringTask(Fixtures.STORIES, options, LayerRanges.all(LAYERS), MethodFixtures.TOKENS, 0, 0,
                LAYERS, 4, Compute.STREAMED, (done, _) -> {
                    asked.add(done);
                    throw new InterruptedException("cancelled");
                });

        assertThatThrownBy(() -> Methods.named(method).score(task)).isInstanceOf(InterruptedException.class)
                .hasMessage("cancelled");
        assertThat(asked).singleElement().matches(done -> done <= 1.0 / LAYERS);
    }
}
