package io.espalier.model.config;

/**
 * Widths of one decoder layer.
 *
 * @param queryHeads query heads; 0 means the layer has no attention
 * @param kvHeads    key-value heads; divides {@code queryHeads}
 * @param channels   MLP channels (intermediate size); 0 means the layer has no MLP
 */
public record LayerShape(int queryHeads, int kvHeads, int channels) {
    public LayerShape {
        if (queryHeads < 0 || kvHeads < 0 || channels < 0 || (kvHeads == 0) != (queryHeads == 0)
                || kvHeads > 0 && queryHeads % kvHeads != 0) {
            throw new IllegalArgumentException("not a layer shape: " + queryHeads + " query heads, " + kvHeads
                    + " key-value heads, " + channels + " channels");
        }
    }

    /** Query heads that share one key-value head. */
    public int groupSize() {
        return kvHeads == 0 ? 0 : queryHeads / kvHeads;
    }
}
