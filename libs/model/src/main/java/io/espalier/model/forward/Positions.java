package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Rope;
import io.espalier.model.config.UnsupportedModelException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What depends on where tokens stand and on nothing else: rotary tables and attention masks, for consecutive positions or for
 * sequences with {@link Branches}. Made once, shared by all layers and micro-batches of the same kind.
 */
public final class Positions {
    private final NDManager manager;
    private final int start;
    private final int length;
    private final Rope rope;
    private final NDArray cos; // (length, rotaryDim / 2), with branches (B, 1, length, rotaryDim / 2)
    private final NDArray sin;
    private final float[] cosines; // the same on the heap
    private final float[] sines;
    private final List<Branches> branches; // of each sequence; null where positions are consecutive
    private final List<int[]> places; // of each sequence's tokens; null likewise
    private final Map<Rows, NDArray> masks = new HashMap<>();

    /** Query rows {@code from..to-1} of a layer with a window. */
    private record Rows(Integer window, int from, int to) {}

    /** @param start position of the first token; more than 0 when earlier ones are in a cache */
    Positions(NDManager manager, ModelConfig config, int start, int length) {
        if (start + length > config.maxPositions()) {
            throw new IllegalArgumentException("sequence of " + (start + length) + " tokens, but this model has only "
                    + config.maxPositions() + " positions (max_position_embeddings)");
        }
        this.manager = manager;
        this.start = start;
        this.length = length;
        this.rope = config.rope();
        this.branches = null;
        this.places = null;
        RotaryTables tables = RotaryTables.of(rope, start, length);
        this.cosines = tables.cosines();
        this.sines = tables.sines();
        this.cos = manager.create(cosines, new Shape(length, tables.pairs()));
        this.sin = manager.create(sines, new Shape(length, tables.pairs()));
    }

    /**
     * @param branches one for each sequence of a micro-batch
     * @param length   that all are filled up to
     * @throws UnsupportedModelException if heads have lost dimensions
     */
    Positions(NDManager manager, ModelConfig config, List<Branches> branches, int length) {
        if (config.layers().stream().anyMatch(layer -> layer.headDims() != null)) {
            throw new UnsupportedModelException("branches are not for heads that have lost dimensions");
        }
        this.manager = manager;
        this.start = 0;
        this.length = length;
        this.rope = config.rope();
        this.branches = List.copyOf(branches);
        this.places = branches.stream().map(sequence -> sequence.positions(length, config.maxPositions())).toList();
        int most = places.stream().flatMapToInt(Arrays::stream).max().orElseThrow();
        RotaryTables tables = RotaryTables.of(rope, 0, most + 1);
        this.cosines = tables.at(tables.cosines(), places);
        this.sines = tables.at(tables.sines(), places);
        Shape shape = new Shape(branches.size(), 1, length, tables.pairs());
        this.cos = manager.create(cosines, shape);
        this.sin = manager.create(sines, shape);
    }

    int start() {
        return start;
    }

    int length() {
        return length;
    }

    /** Rotates queries or keys [B, H, T, Dh] of a layer; dimensions that are left keep the frequencies that they had. */
    NDArray rotate(NDArray x, LayerShape shape) {
        if (shape.headDims() != null) {
            return rotateKept(x, shape);
        }
        int rotated = rope.rotaryDim();
        long dim = x.getShape().get(3);
        NDArray turned = rope.interleaved()
                ? rotatePairs(slice(x, 3, 0, rotated))
                : rotateHalves(slice(x, 3, 0, rotated));
        return rotated == dim ? turned : turned.concat(slice(x, 3, rotated, dim), 3);
    }

    /** Pairs (i, i + D/2). */
    private NDArray rotateHalves(NDArray x) {
        return rotateHalves(x, cos, sin);
    }

    /** @param cos [.., T, Dh / 2]; so is {@code sin} */
    private static NDArray rotateHalves(NDArray x, NDArray cos, NDArray sin) {
        long half = x.getShape().get(3) / 2;
        NDArray a = slice(x, 3, 0, half);
        NDArray b = slice(x, 3, half, 2 * half);
        return a.mul(cos).sub(b.mul(sin)).concat(b.mul(cos).add(a.mul(sin)), 3);
    }

    /** Heads of a layer that has lost rotary pairs, other ones in each group. */
    private NDArray rotateKept(NDArray x, LayerShape shape) {
        int heads = Math.toIntExact(x.getShape().get(1));
        int[][] pairs = keptPairs(shape, heads);
        Shape table = new Shape(heads, length, pairs[0].length);
        NDManager own = x.getManager();
        return rotateHalves(x, own.create(pick(cosines, pairs), table), own.create(pick(sines, pairs), table));
    }

    /** For each head the frequencies it has left. */
    private int[][] keptPairs(LayerShape shape, int heads) {
        int half = rope.rotaryDim() / 2;
        int[][] pairs = new int[heads][];
        for (int head = 0; head < heads; head++) {
            List<Integer> dims = shape.headDims().get(head / (heads / shape.kvHeads()));
            pairs[head] = dims.stream().mapToInt(Integer::intValue).filter(dim -> dim < half).toArray();
            int[] partners = dims.stream().mapToInt(dim -> dim - half).filter(dim -> dim >= 0).toArray();
            if (rope.interleaved() || !Arrays.equals(pairs[head], partners)) {
                throw new UnsupportedModelException("heads can lose only whole rotary pairs (i, i + " + half
                        + ") of rotary embeddings over all of a head, not " + dims);
            }
        }
        return pairs;
    }

    /** [heads, length, pairs], from [length, all pairs] */
    private float[] pick(float[] table, int[][] pairs) {
        int all = rope.rotaryDim() / 2;
        var picked = new float[pairs.length * length * pairs[0].length];
        int i = 0;
        for (int[] kept : pairs) {
            for (int t = 0; t < length; t++) {
                for (int pair : kept) {
                    picked[i++] = table[t * all + pair];
                }
            }
        }
        return picked;
    }

    /** Pairs (2i, 2i + 1). */
    private NDArray rotatePairs(NDArray x) {
        Shape shape = x.getShape();
        NDArray pairs = x.reshape(shape.get(0), shape.get(1), shape.get(2), rope.rotaryDim() / 2, 2);
        NDArray a = slice(pairs, 4, 0, 1).squeeze(4);
        NDArray b = slice(pairs, 4, 1, 2).squeeze(4);
        return a.mul(cos).sub(b.mul(sin)).stack(b.mul(cos).add(a.mul(sin)), 4).reshape(shape);
    }

    /** Which keys queries see. */
    enum Visibility {
        ALL, CAUSAL, MASKED
    }

    /** What {@code length} queries see in a layer with a window or null, beginning with the first position. */
    Visibility visibility(Integer window, int length) {
        if (branches != null) {
            return Visibility.MASKED;
        }
        boolean windowed = window != null && start + length > window;
        if (length == 1 && !windowed) {
            return Visibility.ALL;
        }
        return start == 0 && !windowed ? Visibility.CAUSAL : Visibility.MASKED;
    }

    /**
     * Additive mask for query rows {@code from..to-1} against keys of all positions up to row {@code to - 1}: 0 where the
     * key is visible, minus infinity where it is not; null where all are.
     *
     * @param window positions a token sees, itself included; null for all before it
     * @return [to - from, start + to], with branches [B, 1, to - from, to]
     */
    NDArray mask(Integer window, int from, int to) {
        int keys = start + to;
        boolean allVisible = branches == null && to - from == 1 && (window == null || keys <= window);
        return allVisible
                ? null
                : masks.computeIfAbsent(new Rows(window, from, to), branches == null
                        ? this::makeMask
                        : this::makeBranchedMask);
    }

    private NDArray makeBranchedMask(Rows rows) {
        int queries = rows.to - rows.from;
        var values = new float[branches.size() * queries * rows.to];
        Arrays.fill(values, Float.NEGATIVE_INFINITY);
        for (int b = 0; b < branches.size(); b++) {
            int stem = branches.get(b).stem();
            int[] begins = branches.get(b).begins(rows.to);
            int[] place = places.get(b);
            for (int query = rows.from; query < rows.to; query++) {
                int row = (b * queries + query - rows.from) * rows.to;
                for (int key = 0; key <= query; key++) {
                    boolean own = key < stem || key >= begins[query];
                    if (own && (rows.window == null || place[key] > place[query] - rows.window)) {
                        values[row + key] = 0;
                    }
                }
            }
        }
        return manager.create(values, new Shape(branches.size(), 1, queries, rows.to));
    }

    private NDArray makeMask(Rows rows) {
        int keys = start + rows.to;
        Integer window = rows.window;
        var values = new float[(rows.to - rows.from) * keys];
        for (int row = rows.from; row < rows.to; row++) {
            int query = start + row;
            for (int key = 0; key < keys; key++) {
                boolean visible = key <= query && (window == null || key > query - window);
                values[(row - rows.from) * keys + key] = visible ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return manager.create(values, new Shape(rows.to - rows.from, keys));
    }

    static NDArray slice(NDArray x, int axis, long from, long to) {
        return x.getShape().get(axis) == to - from ? x : JniUtils.slice((PtNDArray) x, axis, from, to, 1);
    }
}
