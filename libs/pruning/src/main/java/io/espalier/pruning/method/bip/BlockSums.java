package io.espalier.pruning.method.bip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.config.Activation;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.BlockWeights;
import io.espalier.pruning.method.bip.LlmBip.Gain;
import io.espalier.pruning.method.bip.LlmBip.Norm;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What LLM-BIP needs of one block: for each sample the activations of each channel, summed over tokens; and from the
 * weights what stands beside them. With the storage order [out, in] and a residual stream of width d:
 *
 * <pre>
 * a[i]  = sum_k |W_down[k, i]|                              [I]
 * v[k]  = 1 + sum_i |W_up[i, k]| a[i]                       [d]   plain: the block's output changes by at most v dZ
 * wO[j] = sum_k |W_o[k, j]| v[k]                            [Hq Dh]
 * </pre>
 *
 * Gated, for the MLP {@code down(act(g) u)} behind a norm of weight n, a token's amplifier is
 * {@code |n|/rms (|W_up| diag|act(g)| + L |W_gate| diag|u|) a}, L the Lipschitz constant of the activation [D]. It is
 * linear in {@code |act(g)|/rms} and {@code |u|/rms}, so sums over tokens suffice, and samples add up.
 */
final class BlockSums {
    static final String ATTENTION = "attention.";
    static final String MLP = "mlp.";
    static final String ACTIVATION = "activation";
    static final String WEIGHT = "weight";
    static final String GAIN = "gain";

    private final ModelConfig config;
    private final NDManager scope;
    private final BlockWeights weights;
    private final Norm norm;
    private final Gain gain;
    private final Map<Role, NDArray> absolutes = new EnumMap<>(Role.class);
    private final Map<String, List<double[]>> samples = new TreeMap<>();

    BlockSums(ModelConfig config, NDManager scope, BlockWeights weights, Norm norm, Gain gain) {
        this.config = config;
        this.scope = scope;
        this.weights = weights;
        this.norm = norm;
        this.gain = gain;
    }

    /** One row for each sample, by name. */
    Map<String, List<double[]>> samples() {
        return samples;
    }

    /** @param input what stands in front of the block, [B, T, d]; asked for where it is needed */
    BlockHooks hooks(Supplier<NDArray> input) {
        return new BlockHooks() {
            private NDArray residual; // behind attention, in front of the MLP
            private NDArray gate;

            @Override
            public NDArray input(Site site, NDArray x) {
                if (site == Site.O_INPUT) {
                    addActivations(ATTENTION, x);
                } else if (site == Site.DOWN_INPUT) {
                    addActivations(MLP, x);
                }
                return x;
            }

            @Override
            public NDArray output(Role role, NDArray x, NDArray y) {
                if (gain == Gain.GATED && weights.has(Role.O)) {
                    switch (role) {
                        case O -> residual = y.add(input.get());
                        case GATE -> gate = y;
                        case UP -> addGains(residual, gate, y);
                        default -> {
                        }
                    }
                }
                return y;
            }
        };
    }

    /** Terms of the weights alone. */
    Map<String, double[]> weightTerms() {
        Map<String, double[]> terms = new TreeMap<>();
        if (weights.has(Role.DOWN)) {
            terms.put(MLP + WEIGHT, columnNorms(Role.DOWN).toDoubleArray());
        }
        if (weights.has(Role.O)) {
            terms.put(ATTENTION + WEIGHT, norm == Norm.L1 ? boundOfO() : scaledNormsOfO());
        }
        return terms;
    }

    private double[] boundOfO() {
        NDArray o = absolute(Role.O); // (d, Hq * Dh)
        NDArray v = scope.ones(new Shape(o.getShape().get(0)), DataType.FLOAT64);
        if (gain == Gain.PLAIN && weights.has(Role.DOWN)) {
            NDArray a = columnNorms(Role.DOWN);
            v = v.add(a.reshape(1, -1).matMul(absolute(Role.UP)).reshape(-1));
        }
        return v.reshape(1, -1).matMul(o).toDoubleArray();
    }

    /** The spectral norm of the MLP's product is bounded by the Frobenius norms: one number, no order changes [D]. */
    private double[] scaledNormsOfO() {
        double amplifier = 1;
        if (weights.has(Role.DOWN)) {
            amplifier += frobenius(Role.UP) * frobenius(Role.DOWN);
        }
        return columnNorms(Role.O).mul(amplifier).toDoubleArray();
    }

    private void addActivations(String part, NDArray x) {
        for (long b = 0; b < x.getShape().get(0); b++) {
            try (NDManager inner = x.getManager().newSubManager()) {
                NDArray tokens = wide(inner, x.get(b)); // (T, channels)
                NDArray sums = (norm == Norm.L1 ? tokens.abs() : tokens.mul(tokens)).sum(new int[]{0});
                add(part + ACTIVATION, sums.toDoubleArray());
            }
        }
    }

    /** @param residual [B, T, d]; @param gate in front of the activation, [B, T, I]; @param up [B, T, I] */
    private void addGains(NDArray residual, NDArray gate, NDArray up) {
        for (long b = 0; b < up.getShape().get(0); b++) {
            try (NDManager inner = up.getManager().newSubManager()) {
                NDArray h = wide(inner, residual.get(b));
                NDArray scale = h.mul(h).mean(new int[]{1}, true).add(config.rmsNormEps()).sqrt(); // (T, 1)
                NDArray activated = wide(inner, activate(gate.get(b))).abs().div(scale).sum(new int[]{0}, true);
                NDArray linear = wide(inner, up.get(b)).abs().div(scale).sum(new int[]{0}, true);
                NDArray a = columnNorms(Role.DOWN);
                NDArray amplifier = activated.mul(a).matMul(absolute(Role.UP)).add(
                        linear.mul(a).mul(lipschitz()).matMul(absolute(Role.GATE))); // (1, d)
                NDArray normWeight = wide(inner, weights.get(Role.POST_NORM));
                NDArray n = config.family().unitOffsetNorm() ? normWeight.add(1).abs() : normWeight.abs();
                add(ATTENTION + GAIN, amplifier.mul(n).matMul(absolute(Role.O)).toDoubleArray());
            }
        }
    }

    private void add(String name, double[] row) {
        samples.computeIfAbsent(name, _ -> new ArrayList<>()).add(row);
    }

    private NDArray activate(NDArray x) {
        return switch (config.activation()) {
            case SILU -> x.mul(JniUtils.sigmoid((PtNDArray) x));
            case GELU, GELU_TANH -> JniUtils.gelu((PtNDArray) x);
        };
    }

    /** Largest slope of the activation. */
    private double lipschitz() {
        return config.activation() == Activation.SILU ? 1.0998 : 1.129;
    }

    /** l1 or l2 norm of each column, [in]. */
    private NDArray columnNorms(Role role) {
        NDArray w = absolute(role);
        return norm == Norm.L1 ? w.sum(new int[]{0}) : w.mul(w).sum(new int[]{0}).sqrt();
    }

    private double frobenius(Role role) {
        NDArray w = absolute(role);
        return Math.sqrt(w.mul(w).sum().getDouble());
    }

    /** In fp64; lives as long as the block. */
    private NDArray absolute(Role role) {
        return absolutes.computeIfAbsent(role, _ -> {
            NDArray wide = wide(scope, weights.get(role));
            NDArray absolute = wide.abs();
            wide.close();
            return absolute;
        });
    }

    private static NDArray wide(NDManager inner, NDArray x) {
        NDArray wide = x.toType(DataType.FLOAT64, true);
        wide.attach(inner);
        return wide;
    }
}
