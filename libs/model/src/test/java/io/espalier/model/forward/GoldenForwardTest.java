package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.Golden;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
