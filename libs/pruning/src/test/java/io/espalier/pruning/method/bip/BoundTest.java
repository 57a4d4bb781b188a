package io.espalier.pruning.method.bip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.BlockWeights;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.method.algebra.Dense;
import io.espalier.pruning.method.algebra.Samples;
import io.espalier.pruning.method.bip.LlmBip.Gain;
import io.espalier.pruning.method.bip.LlmBip.Norm;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

/**
 * What the score promises, on a plain ReLU block without norms, {@code Z = X + H Wo^T}, {@code Y = Z + relu(Z Wu^T) Wd^T}:
 * the output changes by exactly s_F when an MLP channel goes, and by at most s_H when an attention channel goes.
 */
class BoundTest {
    private static final int TOKENS = 40;
    private static final int HIDDEN = 12;
    private static final int CHANNELS = 20;
    private final DMatrixRMaj x = Samples.gaussian(1, TOKENS, HIDDEN);
    private final DMatrixRMaj h = Samples.gaussian(2, TOKENS, HIDDEN);
    private final DMatrixRMaj o = rounded(Samples.gaussian(3, HIDDEN, HIDDEN)); // [out, in], as stored
    private final DMatrixRMaj up = rounded(Samples.gaussian(4, CHANNELS, HIDDEN));
    private final DMatrixRMaj down = rounded(Samples.gaussian(5, HIDDEN, CHANNELS));

    @Test
    void boundsHold() {
        Map<String, double[]> terms = weightTerms();
        DMatrixRMaj whole = block(h, -1);
        DMatrixRMaj activations = activations(h);
        for (int channel = 0; channel < CHANNELS; channel++) {
            double score = columnSum(activations, channel) * terms.get("mlp.weight")[channel];

            assertThat(change(whole, block(h, channel))).isCloseTo(score, within(1e-9 * score));
        }
        for (int channel = 0; channel < HIDDEN; channel++) {
            DMatrixRMaj without = h.copy();
            for (int t = 0; t < TOKENS; t++) {
                without.set(t, channel, 0);
            }
            double score = columnSum(h, channel) * terms.get("attention.weight")[channel];
            double change = change(whole, block(without, -1));

            assertThat(change).isLessThanOrEqualTo(score);
            assertThat(change).isGreaterThan(score / 100); // loose, but not empty
        }
    }

    private Map<String, double[]> weightTerms() {
        try (NDManager scope = Torch.newManager(Device.cpu())) {
            BlockWeights weights = new BlockWeights(0, new LayerShape(1, 1, CHANNELS),
                    Map.of(Role.O, Samples.array(scope, o), Role.UP, Samples.array(scope, up), Role.DOWN,
                            Samples.array(scope, down)));
            return new BlockSums(ModelConfig.read(Fixtures.STORIES), scope, weights, Norm.L1, Gain.PLAIN)
                    .weightTerms();
        }
    }

    private DMatrixRMaj activations(DMatrixRMaj heads) {
        DMatrixRMaj hidden = Dense.timesTransposed(residual(heads), up);
        for (int i = 0; i < hidden.getNumElements(); i++) {
            hidden.data[i] = Math.max(0, hidden.data[i]);
        }
        return hidden;
    }

    private DMatrixRMaj residual(DMatrixRMaj heads) {
        DMatrixRMaj z = Dense.timesTransposed(heads, o);
        for (int i = 0; i < z.getNumElements(); i++) {
            z.data[i] += x.data[i];
        }
        return z;
    }

    /** @param lost MLP channel that is zeroed, -1 for none */
    private DMatrixRMaj block(DMatrixRMaj heads, int lost) {
        DMatrixRMaj hidden = activations(heads);
        for (int t = 0; t < TOKENS && lost >= 0; t++) {
            hidden.set(t, lost, 0);
        }
        DMatrixRMaj y = Dense.timesTransposed(hidden, down);
        DMatrixRMaj z = residual(heads);
        for (int i = 0; i < y.getNumElements(); i++) {
            y.data[i] += z.data[i];
        }
        return y;
    }

    private static double change(DMatrixRMaj a, DMatrixRMaj b) {
        double sum = 0;
        for (int i = 0; i < a.getNumElements(); i++) {
            sum += Math.abs(a.data[i] - b.data[i]);
        }
        return sum;
    }

    private static double columnSum(DMatrixRMaj matrix, int column) {
        double sum = 0;
        for (int i = 0; i < matrix.numRows; i++) {
            sum += Math.abs(matrix.get(i, column));
        }
        return sum;
    }

    /** To what the engine's fp32 holds, so that both sides have the same weights. */
    private static DMatrixRMaj rounded(DMatrixRMaj matrix) {
        for (int i = 0; i < matrix.getNumElements(); i++) {
            matrix.data[i] = (float) matrix.data[i];
        }
        return matrix;
    }
}
