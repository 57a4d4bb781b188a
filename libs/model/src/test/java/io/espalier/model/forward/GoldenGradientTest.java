package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.espalier.model.Golden;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The streamed backward pass equals the whole model's autograd in torch. */
class GoldenGradientTest {
    private static final double TOLERANCE = 1e-5;

    /** Every gradient by the name of its weight in the checkpoint. */
    private static final class Collected implements GradientVisitor {
        private final ModelConfig config;
        private final Map<String, float[]> byName = new HashMap<>();
        private final boolean outer;

        Collected(ModelConfig config, boolean outer) {
            this.config = config;
            this.outer = outer;
        }

        @Override
        public boolean wantsOuter() {
            return outer;
        }

        @Override
        public void block(int layer, BlockWeights weights, BlockWeights gradients) {
            Map<Role, TensorSpec> specs = config.layerRoles(layer);
            for (TensorSpec tensor : new LinkedHashSet<>(specs.values())) {
                for (TensorSpec.Part part : tensor.parts()) {
                    byName.merge(tensor.name(), gradients.get(part.role()).toFloatArray(), GoldenGradientTest::concat);
                }
            }
        }

        @Override
        public void sequence(int layer, int sequence, BlockWeights weights, BlockWeights gradients) {
            Map<Role, TensorSpec> specs = config.layerRoles(layer);
            gradients.arrays().forEach((role, g) -> byName.merge(specs.get(role).name(), g.toFloatArray(),
                    GoldenGradientTest::sum));
        }

        @Override
        public void outer(Role role, int firstRow, NDArray weight, NDArray gradient) {
            String name = config.tensors().stream().filter(t -> t.holds(role)).findFirst().orElseThrow().name();
            byName.merge(name, gradient.toFloatArray(), GoldenGradientTest::concat);
        }
    }

    @ParameterizedTest
    @MethodSource("io.espalier.model.Golden#models")
    void batchGradientsEqualThoseOfTransformers(String name) {
        try (Golden golden = new Golden(name); Model model = Model.streamed(Golden.model(name), Device.cpu())) {
            int[][] tokens = golden.tokens();
            Collected collected = new Collected(model.config(), true);

            double loss = new Streamer(model).backward(MicroBatches.of(tokens, 1), new CrossEntropy(), Gradients.BATCH,
                    tokens.length, collected);

            assertThat(loss).isCloseTo(golden.loss(), within(2e-6));
            assertThat(golden.gradients()).isNotEmpty();
            for (String weight : golden.gradients()) {
                assertThat(Golden.difference(collected.byName.get(weight), golden.gradient(weight))).as(weight)
                        .isLessThan(TOLERANCE);
            }
        }
    }

    @Test
    void gradientsPerSequenceAverageToThatOfTheBatch() {
        try (Golden golden = new Golden("llama3"); Model model = Model.streamed(Golden.model("llama3"), Device.cpu())) {
            int[][] tokens = golden.tokens();
            Collected collected = new Collected(model.config(), false);

            new Streamer(model).backward(MicroBatches.of(tokens, 1), new CrossEntropy(), Gradients.PER_SEQUENCE,
                    tokens.length, collected);

            for (String weight : golden.gradients().stream().filter(w -> w.contains("layers")).toList()) {
                float[] mean = collected.byName.get(weight).clone();
                for (int i = 0; i < mean.length; i++) {
                    mean[i] /= tokens.length;
                }
                assertThat(Golden.difference(mean, golden.gradient(weight))).as(weight).isLessThan(TOLERANCE);
            }
        }
    }

    @Test
    void microBatchesAndSpillingChangeNothing() {
        try (Golden golden = new Golden("stories"); Model model = Model.resident(Golden.STORIES, Device.cpu())) {
            int[][] tokens = golden.tokens();
            Collected collected = new Collected(model.config(), true);

            new Streamer(model, 0, null).backward(MicroBatches.of(tokens, 2), new CrossEntropy(), Gradients.BATCH,
                    tokens.length, collected);

            for (String weight : golden.gradients()) {
                assertThat(Golden.difference(collected.byName.get(weight), golden.gradient(weight))).as(weight)
                        .isLessThan(TOLERANCE);
            }
        }
    }

    @Test
    void onlyWantedLayersAreComputed() {
        try (Golden golden = new Golden("stories"); Model model = Model.streamed(Golden.STORIES, Device.cpu())) {
            int[][] tokens = golden.tokens();
            List<Integer> seen = new java.util.ArrayList<>();
            GradientVisitor visitor = new GradientVisitor() {
                @Override
                public boolean wants(int layer) {
                    return layer == 2 || layer == 3;
                }

                @Override
                public void block(int layer, BlockWeights weights, BlockWeights gradients) {
                    seen.add(layer);
                }
            };

            new Streamer(model).backward(MicroBatches.of(tokens, 2), new CrossEntropy(), Gradients.BATCH,
                    tokens.length, visitor);

            assertThat(seen).containsExactly(3, 2);
        }
    }

    private static float[] sum(float[] a, float[] b) {
        float[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    private static float[] concat(float[] a, float[] b) {
        float[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}
