package io.espalier.model.config;

import java.util.List;

/**
 * Widths of one decoder layer.
 *
 * @param queryHeads query heads; 0 means the layer has no attention
 * @param kvHeads    key-value heads; divides {@code queryHeads}
 * @param channels   MLP channels (intermediate size); 0 means the layer has no MLP
 * @param headDims   for each key-value head the dimensions that its heads still have, in numbers of a whole head,
 *                   ascending, whole rotary pairs {@code (i, i + Dh/2)}, equally many for all; null means all there are
 */
public record LayerShape(int queryHeads, int kvHeads, int channels, List<List<Integer>> headDims) {
    public LayerShape {
        if (queryHeads < 0 || kvHeads < 0 || channels < 0 || (kvHeads == 0) != (queryHeads == 0)
                || kvHeads > 0 && queryHeads % kvHeads != 0) {
            throw new IllegalArgumentException("not a layer shape: " + queryHeads + " query heads, " + kvHeads
                    + " key-value heads, " + channels + " channels");
        }
        if (headDims != null) {
            headDims = headDims.stream().map(List::copyOf).toList();
            checkDims(kvHeads, headDims);
        }
    }

    /** Whole heads. */
    public LayerShape(int queryHeads, int kvHeads, int channels) {
        this(queryHeads, kvHeads, channels, null);
    }

    /** Query heads that share one key-value head. */
    public int groupSize() {
        return kvHeads == 0 ? 0 : queryHeads / kvHeads;
    }

    /**
     * Entries of one head of this layer.
     *
     * @param whole entries of a whole head
     */
    public int headDim(int whole) {
        return headDims == null || headDims.isEmpty() ? whole : headDims.getFirst().size();
    }

    private static void checkDims(int kvHeads, List<List<Integer>> dims) {
        boolean ragged = dims.stream().mapToInt(List::size).distinct().count() > 1;
        if (dims.size() != kvHeads || ragged || dims.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("not a layer shape: kept dimensions of " + dims.size()
                    + " heads of sizes "
                    + dims.stream().map(List::size).distinct().toList() + " for " + kvHeads + " key-value heads");
        }
    }
}
