package io.espalier.pruning.surgery;

import io.espalier.model.config.Axis;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.util.List;
import java.util.stream.IntStream;

/** Which entries along each axis of a weight a plan keeps. */
final class KeptIndices {
    private final ModelShape original;
    private final List<Integer> hidden;

    KeptIndices(ModelShape original, PruningPlan plan) {
        this.original = original;
        this.hidden = plan.keptHidden();
    }

    /**
     * Ascending indices.
     *
     * @param layer plan of the layer that the weight belongs to; null outside the blocks
     */
    int[] along(Axis axis, LayerPlan layer) {
        return switch (axis) {
            case HIDDEN -> hidden == null ? all(original.hiddenSize()) : ints(hidden);
            case VOCABULARY -> all(original.vocabulary());
            case HEAD_DIM -> all(original.headDim());
            case CHANNEL -> ints(layer.keptChannels());
            case KEY_VALUE -> heads(layer, layer.keptKvGroups(), 1);
            case QUERY -> heads(layer, layer.keptQueryHeads(), layer.queryHeads() / Math.max(1, layer.kvGroups()));
        };
    }

    /** Entries of whole heads, or of the kept dimensions inside them. */
    private int[] heads(LayerPlan layer, List<Integer> heads, int headsPerGroup) {
        int size = original.headDim();
        return IntStream.range(0, heads.size()).flatMap(i -> {
            int start = heads.get(i) * size;
            IntStream inside = layer.keptHeadDims() == null
                    ? IntStream.range(0, size)
                    : layer.keptHeadDims().get(i / headsPerGroup).stream().mapToInt(Integer::intValue);
            return inside.map(dim -> start + dim);
        }).toArray();
    }

    private static int[] all(int count) {
        return IntStream.range(0, count).toArray();
    }

    private static int[] ints(List<Integer> indices) {
        return indices.stream().mapToInt(Integer::intValue).toArray();
    }
}
