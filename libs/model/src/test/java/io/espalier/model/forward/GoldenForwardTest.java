package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.Golden;
import io.espalier.model.weights.SafetensorsFile;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits, loss and gradients equal those of transformers, for every family. */
class GoldenForwardTest {
    private static final double LOGIT_TOLERANCE = 2e-6;

    @ParameterizedTest
    @MethodSource("io.espalier.model.Golden#models")
    void logitsEqualThoseOfTransformers(String name) {
        try (Golden golden = new Golden(name); Model model = Model.streamed(Golden.model(name), Device.cpu())) {
            int[][] tokens = golden.tokens();

            float[] logits = logits(model, tokens);

            assertThat(Golden.difference(logits, golden.floats("logits"))).isLessThan(LOGIT_TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.espalier.model.Golden#models")
    void lossEqualsThatOfTransformers(String name) {
        try (Golden golden = new Golden(name); Model model = Model.streamed(Golden.model(name), Device.cpu())) {
            int[][] tokens = golden.tokens();

            List<TokenScores> scores = new Streamer(model).scores(MicroBatches.of(tokens, 1), ForwardVisitor.NONE);

            double nll = scores.stream().mapToDouble(TokenScores::nll).sum();
            assertThat(nll / (tokens.length * (tokens[0].length - 1.0))).isCloseTo(golden.loss(), within(2e-6));
        }
    }

    /**
     * Stored as fp32, bf16, fp16 with biases, bf16 fused. Where two sums differ in their last bit they may be rounded to
     * different neighbours, so that some difference remains: far less than what bf16 itself makes.
     */
    @ParameterizedTest
    @ValueSource(strings = {"stories", "mistral", "qwen2", "phi3"})
    void logitsInBfloat16EqualThoseOfTorch(String name) {
        try (Golden golden = new Golden(name);
                SafetensorsFile inBfloat16 = SafetensorsFile.open(Golden.folder("bfloat16.safetensors"));
                Model streamed = Model.openBfloat16(Golden.model(name), Device.cpu(), 0);
                Model resident = Model.openBfloat16(Golden.model(name), Device.cpu(), Long.MAX_VALUE)) {
            float[] expected = inBfloat16.segment(inBfloat16.tensor(name)).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
            double rounding = distance(golden.floats("logits"), expected);

            float[] logits = logits(streamed, golden.tokens());

            assertThat(rounding).isBetween(1e-3, 0.05);
            assertThat(distance(logits, expected)).isLessThan(rounding / 2);
            assertThat(resident.isResident()).isTrue();
            assertThat(logits(resident, golden.tokens())).containsExactly(logits);
        }
    }

    /** Of two vectors, relative to the second. */
    private static double distance(float[] a, float[] b) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < b.length; i++) {
            difference += Math.pow((double) a[i] - b[i], 2);
            norm += Math.pow(b[i], 2);
        }
        return Math.sqrt(difference / norm);
    }

    private static float[] logits(Model model, int[][] tokens) {
        try (NDManager scope = model.newScope();
                ActivationStream stream = new Streamer(model).stream(MicroBatches.of(tokens, tokens.length))) {
            for (int layer = 0; layer < model.config().layers().size(); layer++) {
                stream.advance(model.block(scope, layer), m -> BlockHooks.NONE);
            }
            NDArray x = stream.activation(scope, 0);
            return model.head().logits(x.reshape(-1, model.config().hiddenSize())).toFloatArray();
        }
    }
}
