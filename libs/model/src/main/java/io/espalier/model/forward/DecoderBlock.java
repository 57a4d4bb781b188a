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

    public DecoderBlock(ModelConfig config) {
        this.attention = config.attention();
        this.norm = new Norm(config.rmsNormEps(), config.family().unitOffsetNorm());
        this.activation = config.activation();
    }

    /** All of a sequence at once. {@code x} and the result: [B, T, d]. */
    public NDArray forward(NDArray x, BlockWeights w, Positions positions, BlockHooks hooks) {
        return forward(x, w, positions, hooks, null);
    }

    /** @param cache earlier keys and values, to which those of {@code x} are added; null for none */
    NDArray forward(NDArray x, BlockWeights w, Positions positions, BlockHooks hooks, KvCache cache) {
        NDArray h = x;
        if (w.has(Role.Q)) {
            NDArray mixed = attention(norm.apply(h, w.get(Role.INPUT_NORM)), w, positions, hooks, cache);
            h = h.add(w.has(Role.O_NORM) ? norm.apply(mixed, w.get(Role.O_NORM)) : mixed);
        }
        if (w.has(Role.UP)) {
            NDArray added = mlp(norm.apply(h, w.get(Role.POST_NORM)), w, hooks);
            h = h.add(w.has(Role.DOWN_NORM) ? norm.apply(added, w.get(Role.DOWN_NORM)) : added);
        }
        return h;
    }

    private NDArray attention(NDArray x, BlockWeights w, Positions positions, BlockHooks hooks, KvCache cache) {
        NDArray in = hooks.input(QKV_INPUT, x);
        NDArray q = heads(hooks.linear(Role.Q, in, w.get(Role.Q), w.find(Role.Q_BIAS)), w.shape().queryHeads());
        NDArray k = heads(hooks.linear(Role.K, in, w.get(Role.K), w.find(Role.K_BIAS)), w.shape().kvHeads());
        NDArray v = heads(hooks.linear(Role.V, in, w.get(Role.V), w.find(Role.V_BIAS)), w.shape().kvHeads());
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
        NDArray mixed = hooks.input(O_INPUT, Attention.apply(q, k, v, positions, attention, w.layer()));
        return hooks.linear(Role.O, mixed, w.get(Role.O), w.find(Role.O_BIAS));
    }

    /** [B, T, H * Dh] to [B, H, T, Dh]. */
    private NDArray heads(NDArray x, int heads) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), heads, -1).transpose(0, 2, 1, 3);
    }

    private NDArray mlp(NDArray x, BlockWeights w, BlockHooks hooks) {
        NDArray in = hooks.input(GATE_UP_INPUT, x);
        NDArray gate = activate(hooks.linear(Role.GATE, in, w.get(Role.GATE), w.find(Role.GATE_BIAS)));
        NDArray up = hooks.linear(Role.UP, in, w.get(Role.UP), w.find(Role.UP_BIAS));
        NDArray channels = hooks.input(DOWN_INPUT, gate.mul(up)); // (B, T, I)
        return hooks.linear(Role.DOWN, channels, w.get(Role.DOWN), w.find(Role.DOWN_BIAS));
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
