package io.espalier.model.forward;

import static io.espalier.model.forward.BlockHooks.Site.DOWN_INPUT;
import static io.espalier.model.forward.BlockHooks.Site.GATE_UP_INPUT;
import static io.espalier.model.forward.BlockHooks.Site.O_INPUT;
import static io.espalier.model.forward.BlockHooks.Site.QKV_INPUT;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.config.Activation;
import io.espalier.model.config.AttentionConfig;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Script;
import io.espalier.model.engine.Torch;

/**
 * One pre-norm decoder layer: {@code x += attention(norm(x))}, {@code x += mlp(norm(x))}; some families norm what is added
 * as well.
 */
public final class DecoderBlock {
    private final AttentionConfig attention;
    private final Norm norm;
    private final Activation activation;
    private final LinearLayers forward;

    /** In fp32. */
    public DecoderBlock(ModelConfig config) {
        this(config, LinearLayers.FORWARD);
    }

    /** @param forward where nobody goes back */
    DecoderBlock(ModelConfig config, LinearLayers forward) {
        this.forward = forward;
        this.attention = config.attention();
        this.norm = new Norm(config.rmsNormEps(), config.family().unitOffsetNorm());
        this.activation = config.activation();
    }

    /** All of a sequence at once. {@code x} and the result: [B, T, d]. */
    public NDArray forward(NDArray x, BlockWeights w, Positions positions, BlockHooks hooks) {
        return forward(x, w, positions, hooks, forward);
    }

    /** The same through other linear layers. */
    NDArray forward(NDArray x, BlockWeights w, Positions positions, BlockHooks hooks, LinearLayers linears) {
        return new Way(w, positions, hooks, linears, null).pass(x);
    }

    /** @param cache earlier keys and values, to which those of {@code x} are added */
    NDArray forward(NDArray x, BlockWeights w, Positions positions, BlockHooks hooks, KvCache cache) {
        return new Way(w, positions, hooks, forward, cache).pass(x);
    }

    /** @param cache null for none */
    private final class Way {
        private final BlockWeights w;
        private final Positions positions;
        private final BlockHooks hooks;
        private final LinearLayers linears;
        private final KvCache cache;

        Way(BlockWeights w, Positions positions, BlockHooks hooks, LinearLayers linears, KvCache cache) {
            this.w = w;
            this.positions = positions;
            this.hooks = hooks;
            this.linears = linears;
            this.cache = cache;
        }

        NDArray pass(NDArray x) {
            NDArray h = x;
            if (w.has(Role.Q)) {
                NDArray mixed = attention(norm.apply(h, w.get(Role.INPUT_NORM)));
                h = linears.enter(h.add(w.has(Role.O_NORM) ? norm.apply(mixed, w.get(Role.O_NORM)) : mixed));
            }
            if (w.has(Role.UP)) {
                NDArray added = mlp(norm.apply(h, w.get(Role.POST_NORM)));
                h = h.add(w.has(Role.DOWN_NORM) ? norm.apply(added, w.get(Role.DOWN_NORM)) : added);
            }
            return h;
        }

        private NDArray attention(NDArray x) {
            NDArray in = enter(QKV_INPUT, x);
            NDArray q = heads(linear(Role.Q, in), w.shape().queryHeads());
            NDArray k = heads(linear(Role.K, in), w.shape().kvHeads());
            NDArray v = heads(linear(Role.V, in), w.shape().kvHeads());
            if (w.has(Role.Q_NORM)) {
                q = norm.apply(q, w.get(Role.Q_NORM));
                k = norm.apply(k, w.get(Role.K_NORM));
            }
            q = positions.rotate(q, w.shape());
            k = positions.rotate(k, w.shape());
            if (cache != null) {
                k = cache.addKeys(w.layer(), k);
                v = cache.addValues(w.layer(), v);
            }
            NDArray mixed = Attention.apply(q, k, v, positions, attention, w.layer());
            return linear(Role.O, enter(O_INPUT, mixed));
        }

        private NDArray mlp(NDArray x) {
            NDArray in = enter(GATE_UP_INPUT, x);
            NDArray gate = activate(linear(Role.GATE, in));
            NDArray channels = enter(DOWN_INPUT, gate.mul(linear(Role.UP, in))); // (B, T, I)
            return linear(Role.DOWN, channels);
        }

        private NDArray enter(BlockHooks.Site site, NDArray x) {
            return linears.enter(hooks.input(site, x));
        }

        private NDArray linear(Role role, NDArray x) {
            return hooks.output(role, x, linears.apply(role, x, w));
        }
    }

    /** [B, T, H * Dh] to [B, H, T, Dh]. */
    private static NDArray heads(NDArray x, int heads) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), heads, -1).transpose(0, 2, 1, 3);
    }

    private NDArray activate(NDArray x) {
        return switch (activation) {
            case SILU -> Script.SILU.apply(x);
            case GELU -> JniUtils.gelu((PtNDArray) x);
            case GELU_TANH -> {
                NDArray cubic = Torch.scale(Torch.scale(x.mul(x).mul(x), 0.044715).add(x), Math.sqrt(2 / Math.PI));
                yield Torch.scale(x.mul(cubic.tanh().add(1)), 0.5);
            }
        };
    }
}
