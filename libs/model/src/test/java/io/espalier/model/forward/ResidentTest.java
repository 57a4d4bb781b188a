package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.espalier.model.Golden;
import io.espalier.model.config.Role;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streamed, read ahead or resident, computed again or kept: the same numbers to the last bit. */
class ResidentTest {
    private static final class Collected implements GradientVisitor {
        private final Map<String, float[]> gradients = new TreeMap<>();

        @Override
        public boolean wants(int layer) {
            return layer != 1;
        }

        @Override
        public void block(int layer, BlockWeights weights, BlockWeights of) {
            of.arrays().forEach((role, g) -> gradients.put(layer + "." + role, g.toFloatArray()));
        }

        @Override
        public void sequence(int layer, int sequence, BlockWeights weights, BlockWeights of) {
            of.arrays().forEach((role, g) -> gradients.put(layer + "." + role + "." + sequence, g.toFloatArray()));
        }

        @Override
        public void outer(Role role, int firstRow, NDArray weight, NDArray gradient) {
            gradients.put(role + "." + firstRow, gradient.toFloatArray());
        }
    }

    @ParameterizedTest
    @CsvSource({"stories, BATCH, 2", "stories, PER_SEQUENCE, 1", "llama3, BATCH, 1", "mistral-window, BATCH, 2",
        "qwen3, PER_SEQUENCE, 1"})
    void gradientsAreEqual(String name, Gradients kind, int microBatch) {
        try (Golden golden = new Golden(name);
                Model streamed = Model.streamed(Golden.model(name), Device.cpu());
                Model resident = Model.resident(Golden.model(name), Device.cpu());
                Model small = Model.open(Golden.model(name), Device.cpu(),
                        resident.config().parameters() * Float.BYTES);
                Model ahead = Model.open(Golden.model(name), Device.cpu(),
                        resident.config().largestLayerParameters() * Float.BYTES)) {
            assertThat(small.isResident()).isTrue();
            assertThat(small.spareBytes()).isZero();
            assertThat(ahead.isResident()).isFalse();
            MicroBatches tokens = MicroBatches.of(golden.tokens(), microBatch);

            Map<String, float[]> expected = gradients(streamed, tokens, kind);

            assertThat(expected).isNotEmpty();
            for (Model model : new Model[]{resident, small, resident, ahead, ahead}) {
                Map<String, float[]> found = gradients(model, tokens, kind);
                assertThat(found.keySet()).isEqualTo(expected.keySet());
                expected.forEach((weight, g) -> assertThat(found.get(weight)).as(weight).containsExactly(g));
            }
        }
    }

    @Test
    void scoresAreEqual() {
        try (Golden golden = new Golden("llama3");
                Model streamed = Model.streamed(Golden.model("llama3"), Device.cpu());
                Model resident = Model.resident(Golden.model("llama3"), Device.cpu())) {
            MicroBatches tokens = MicroBatches.of(golden.tokens(), 2);

            var expected = new Streamer(streamed).scores(tokens, ForwardVisitor.NONE);
            var found = new Streamer(resident).scores(tokens, ForwardVisitor.NONE);

            for (int i = 0; i < expected.size(); i++) {
                assertThat(found.get(i).logProbability()).containsExactly(expected.get(i).logProbability());
            }
        }
    }

    private static Map<String, float[]> gradients(Model model, MicroBatches tokens, Gradients kind) {
        var collected = new Collected();
        new Streamer(model).backward(tokens, new CrossEntropy(), kind, tokens.sequences(), collected);
        return collected.gradients;
    }
}
