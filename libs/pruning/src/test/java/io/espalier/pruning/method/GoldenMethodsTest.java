package io.espalier.pruning.method;

import static io.espalier.pruning.method.MethodFixtures.GOLDEN;
import static io.espalier.pruning.method.MethodFixtures.SHAPE;
import static io.espalier.pruning.method.MethodFixtures.TOKENS;
import static io.espalier.pruning.method.MethodFixtures.assertClose;
import static io.espalier.pruning.method.MethodFixtures.options;
import static io.espalier.pruning.method.MethodFixtures.score;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import io.espalier.model.config.Role;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.surgery.WeightUpdate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Statistics and repaired weights of a trained model, against Python torch in fp64 (tools/golden/methods.py). */
class GoldenMethodsTest {
    /** Method, options, statistic in every layer, golden name, tolerance relative to each layer's mean. */
    static Stream<Arguments> statistics() {
        return Stream.of(
                Arguments.of("nirvana", Map.of("sets", 1), "attention.saliency", "nirvana.attention", 1e-4),
                Arguments.of("nirvana", Map.of("sets", 1), "mlp.saliency", "nirvana.mlp", 1e-4),
                Arguments.of("search", Map.of(), "attention.phi", "search.phi.attention", 1e-4),
                Arguments.of("search", Map.of(), "mlp.phi", "search.phi.mlp", 1e-4));
    }

    @ParameterizedTest
    @MethodSource("statistics")
    void statisticsEqualPython(String method, Map<String, Object> options, String statistic, String golden,
            double tolerance) throws Exception {
        Statistics statistics = score(options(method, options));
        double[][] expected = Fixtures.matrix(GOLDEN, golden);
        for (int layer = 0; layer < expected.length; layer++) {
            assertClose(statistics.get("layer." + layer + "." + statistic), expected[layer], tolerance);
        }
    }

    @Test
    void repairedWeightsEqualLeastSquaresByQr() throws Exception {
        List<Integer> groups = List.of(0, 2, 3);
        List<Integer> channels = IntStream.range(0, 172).filter(i -> i % 3 != 0).boxed().toList();
        PruningPlan plan = PruningPlan.of(SHAPE,
                IntStream.range(0, 5).mapToObj(layer -> LayerPlan.of(layer, 2, groups, channels)).toList(), null);
        for (String method : List.of("numerical", "search")) {
            MethodOptions options = options(method, Map.of());
            try (WeightUpdate update = Methods.named(method).update(new UpdateTask(Fixtures.STORIES, options, plan,
                    TOKENS, 3, Compute.STREAMED, Progress.NONE))) {
                for (LayerPlan layer : plan.layers()) {
                    Map<Role, NDArray> repaired = update.of(layer);
                    assertThat(repaired).containsOnlyKeys(Role.O, Role.DOWN);
                    if (layer.layer() == 0 || layer.layer() == 4) {
                        assertRepaired(repaired.get(Role.O), "repaired." + layer.layer() + ".o");
                        assertRepaired(repaired.get(Role.DOWN), "repaired." + layer.layer() + ".down");
                    }
                }
            }
        }
    }

    private static void assertRepaired(NDArray weight, String golden) {
        double[][] expected = Fixtures.matrix(GOLDEN, golden);
        float[] actual = weight.toFloatArray();
        assertThat(weight.getShape().getShape()).containsExactly(expected.length, expected[0].length);
        double[] flat = Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray();
        assertClose(IntStream.range(0, actual.length).mapToDouble(i -> actual[i]).toArray(), flat, 1e-3);
    }
}
