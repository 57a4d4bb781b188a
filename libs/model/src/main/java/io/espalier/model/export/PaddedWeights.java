package io.espalier.model.export;

import io.espalier.model.config.Axis;
import io.espalier.model.config.DType;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.weights.Checkpoint;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A checkpoint seen in wider layers: what was pruned is filled with zeros, so that the network computes the same. A query
 * head of zeros reads something and writes nothing; a channel of zeros is {@code act(0) * 0}; the query heads of a
 * key-value head stay with it, also where each gets more of them; dimensions that heads have lost come back to their
 * places, so that rotary pairs turn as before.
 *
 * <p>
 * One tensor at a time is built; what is not widened is not copied.
 */
final class PaddedWeights {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final Checkpoint source;
    private final ModelConfig config;

    /** @param widths of each layer: the source's, or whole heads, nowhere narrower than the source's */
    PaddedWeights(Checkpoint source, List<LayerShape> widths) {
        this.source = source;
        this.config = source.config().withLayers(widths);
        for (int layer = 0; layer < widths.size(); layer++) {
            if (!isUnchanged(layer)) {
                check(layer, source.config().layers().get(layer), widths.get(layer));
            }
        }
    }

    ModelConfig config() {
        return config;
    }

    DType dtype(TensorSpec tensor) {
        TensorSpec old = counterpart(tensor, tensor.parts().getFirst().role());
        return old == null ? config.dtype() : source.info(old).dtype();
    }

    /** The rows of one role of a tensor of {@link #config()}, in their stored type. */
    MemorySegment part(TensorSpec tensor, TensorSpec.Part part, Arena arena) {
        TensorSpec old = counterpart(tensor, part.role());
        long columns = tensor.columns() == null ? 1 : config.length(tensor.columns(), tensor.layer());
        if (old == null) {
            return absent(part, columns, arena);
        }
        TensorSpec.Part from = old.part(part.role());
        MemorySegment rows = source.rows(old, from.offset(), from.rows());
        if (tensor.layer() < 0 || isUnchanged(tensor.layer())) {
            return rows;
        }
        int[] rowSlots = slots(part.role().axes().getFirst(), tensor.layer());
        int[] columnSlots = tensor.columns() == null ? new int[]{0} : slots(tensor.columns(), tensor.layer());
        boolean same = isIdentity(rowSlots, part.rows()) && isIdentity(columnSlots, columns);
        return same ? rows : scatter(rows, rowSlots, columnSlots, part.rows(), columns, bytes(old), arena);
    }

    /** Drops the file pages behind a tensor that was used. */
    void unload(TensorSpec tensor) {
        tensor.parts().stream().map(part -> counterpart(tensor, part.role())).filter(old -> old != null)
                .forEach(source::unload);
    }

    private boolean isUnchanged(int layer) {
        return source.config().layers().get(layer).equals(config.layers().get(layer));
    }

    private int bytes(TensorSpec old) {
        return source.info(old).dtype().bytes();
    }

    /** Null where the source has no such weights. */
    private TensorSpec counterpart(TensorSpec tensor, Role role) {
        return tensor.layer() < 0 ? tensor : source.config().layerRoles(tensor.layer()).get(role);
    }

    /** Matrices and biases are zero; a norm in front of nothing is one. */
    private MemorySegment absent(TensorSpec.Part part, long columns, Arena arena) {
        MemorySegment target = arena.allocate(part.rows() * columns * config.dtype().bytes());
        if (part.role().name().endsWith("_NORM")) {
            for (long i = 0; i < part.rows(); i++) {
                GgufEncoding.set(target, config.dtype(), i, 1);
            }
        }
        return target;
    }

    private static MemorySegment scatter(MemorySegment source, int[] rows, int[] columns, long allRows,
            long allColumns, int bytes, Arena arena) {
        MemorySegment target = arena.allocate(allRows * allColumns * bytes);
        for (int row = 0; row < rows.length; row++) {
            long from = (long) row * columns.length * bytes;
            long to = rows[row] * allColumns * bytes;
            int start = 0;
            while (start < columns.length) {
                int end = start + 1;
                while (end < columns.length && columns[end] == columns[end - 1] + 1) {
                    end++;
                }
                MemorySegment.copy(source, BYTE, from + (long) start * bytes, target, BYTE,
                        to + (long) columns[start] * bytes, (long) (end - start) * bytes);
                start = end;
            }
        }
        return target;
    }

    /** Where each entry along an axis of the source stands in the wider layer. */
    private int[] slots(Axis axis, int layer) {
        return switch (axis) {
            case QUERY -> heads(layer, true);
            case KEY_VALUE -> heads(layer, false);
            case HIDDEN, HEAD_DIM, VOCABULARY, CHANNEL ->
                IntStream.range(0, Math.toIntExact(source.config().length(axis, layer))).toArray();
        };
    }

    private int[] heads(int layer, boolean query) {
        LayerShape old = source.config().layers().get(layer);
        int perGroup = query ? old.groupSize() : 1;
        int widePerGroup = query ? config.layers().get(layer).groupSize() : 1;
        int whole = config.headDim();
        return IntStream.range(0, old.kvHeads() * perGroup).flatMap(head -> {
            int group = head / perGroup;
            int start = (group * widePerGroup + head % perGroup) * whole;
            IntStream inside = old.headDims() == null
                    ? IntStream.range(0, whole)
                    : old.headDims().get(group).stream().mapToInt(Integer::intValue);
            return inside.map(dim -> start + dim);
        }).toArray();
    }

    private static boolean isIdentity(int[] slots, long length) {
        return slots.length == length && IntStream.range(0, slots.length).allMatch(i -> slots[i] == i);
    }

    private static void check(int layer, LayerShape old, LayerShape wide) {
        if (wide.kvHeads() < old.kvHeads() || wide.groupSize() < old.groupSize() || wide.channels() < old.channels()
                || wide.headDims() != null) {
            throw new IllegalArgumentException("layer " + layer + ": " + wide + " cannot hold " + old);
        }
    }
}
