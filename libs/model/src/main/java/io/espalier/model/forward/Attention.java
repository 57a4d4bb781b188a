package io.espalier.model.forward;

import static io.espalier.model.forward.Positions.slice;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.AttentionConfig;
import io.espalier.model.engine.Script;
import io.espalier.model.engine.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Causal attention in groups: query head h reads key-value head h / R. PyTorch's fused kernel never has the scores of more
 * than a tile in memory; it knows no groups, so keys and values are repeated for it, or, where all queries see the same
 * keys, the queries of a group laid below each other.
 *
 * <p>Capped scores are beyond that kernel, as are heads whose keys have lost dimensions that their values still have.
 * {@link #plain} is for them: the queries of one group are laid below each other, so keys and values are never repeated;
 * long sequences go in pieces of queries, so scores never exceed {@value #QUERY_ROWS} x T per head and no work is done
 * above the diagonal.
 */
final class Attention {
    private static final int QUERY_ROWS = 256;
    private static final double ROUNDING = 1e-9;

    private Attention() {}

    /**
     * @param q [B, Hq, T, Dh], rotated
     * @param k [B, Hkv, S, Dh], rotated; S = positions.start() + T
     * @param v [B, Hkv, S, Dh]
     * @param config its scale is that of whole heads, also where heads have lost dimensions
     * @return [B, T, Hq * Dh]
     */
    static NDArray apply(NDArray q, NDArray k, NDArray v, Positions positions, AttentionConfig config, int layer) {
        return config.cap() == null && q.getShape().get(3) == v.getShape().get(3)
                ? fused(q, k, v, positions, config, layer)
                : plain(q, k, v, positions, config, layer);
    }

    private static NDArray fused(NDArray q, NDArray k, NDArray v, Positions positions, AttentionConfig config,
            int layer) {
        Shape shape = q.getShape();
        int length = (int) shape.get(2);
        Integer window = config.window(layer);
        double own = config.scale() * Math.sqrt(shape.get(3)); // 1 for whole heads: the kernel scales by 1 / sqrt(Dh)
        NDArray scaled = Math.abs(own - 1) < ROUNDING ? q : Torch.scale(q, own);
        long repeats = shape.get(1) / k.getShape().get(1);
        NDArray mixed = switch (positions.visibility(window, length)) {
            case ALL -> Script.OPEN_ATTENTION.apply(inGroups(scaled, repeats), k, v).reshape(shape);
            case CAUSAL -> Script.CAUSAL_ATTENTION.apply(scaled, repeated(k, repeats), repeated(v, repeats));
            case MASKED -> Script.MASKED_ATTENTION.apply(scaled, repeated(k, repeats), repeated(v, repeats),
                    positions.mask(window, 0, length));
        };
        return mixed.transpose(0, 2, 1, 3).reshape(shape.get(0), length, shape.get(1) * shape.get(3));
    }

    /** Queries that see the same keys, below each other: [B, Hq, T, Dh] to [B, Hkv, R * T, Dh]. */
    private static NDArray inGroups(NDArray q, long repeats) {
        Shape shape = q.getShape();
        return repeats == 1 ? q : q.reshape(shape.get(0), shape.get(1) / repeats, repeats * shape.get(2), shape.get(3));
    }

    /** [B, Hkv, S, Dh] to [B, Hq, S, Dh]: head h as often as queries read it; as much memory as queries take. */
    private static NDArray repeated(NDArray x, long repeats) {
        if (repeats == 1) {
            return x;
        }
        Shape shape = x.getShape();
        long heads = shape.get(1);
        return x.expandDims(2).broadcast(shape.get(0), heads, repeats, shape.get(2), shape.get(3))
                .reshape(shape.get(0), heads * repeats, shape.get(2), shape.get(3));
    }

    /** The same with plain products. */
    static NDArray plain(NDArray q, NDArray k, NDArray v, Positions positions, AttentionConfig config, int layer) {
        Shape shape = q.getShape();
        int length = (int) shape.get(2);
        List<NDArray> pieces = new ArrayList<>();
        for (int from = 0; from < length; from += QUERY_ROWS) {
            int to = Math.min(length, from + QUERY_ROWS);
            int keys = positions.start() + to;
            pieces.add(rows(slice(q, 2, from, to), slice(k, 2, 0, keys), slice(v, 2, 0, keys),
                    positions.mask(config.window(layer), from, to), config));
        }
        NDArray all = pieces.size() == 1
                ? pieces.getFirst()
                : NDArrays.concat(new NDList(pieces), 2); // (B, Hq, T, Dh)
        return all.transpose(0, 2, 1, 3).reshape(shape.get(0), length, shape.get(1) * shape.get(3));
    }

    private static NDArray rows(NDArray q, NDArray k, NDArray v, NDArray mask, AttentionConfig config) {
        long b = q.getShape().get(0);
        long heads = q.getShape().get(1);
        long t = q.getShape().get(2);
        long dim = q.getShape().get(3);
        long groups = k.getShape().get(1);
        long keys = k.getShape().get(2);
        NDArray grouped = Torch.scale(q, config.scale()).reshape(b, groups, heads / groups * t, dim);
        NDArray scores = grouped.matMul(k.transpose(0, 1, 3, 2)); // (B, Hkv, R * t, keys)
        if (config.cap() != null) {
            scores = Torch.scale(Torch.scale(scores, 1 / config.cap()).tanh(), config.cap());
        }
        if (mask != null) {
            scores = scores.reshape(b, heads, t, keys).add(mask).reshape(b, groups, heads / groups * t, keys);
        }
        return scores.softmax(3).matMul(v).reshape(b, heads, t, dim);
    }
}
