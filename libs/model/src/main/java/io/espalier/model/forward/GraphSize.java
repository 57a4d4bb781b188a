package io.espalier.model.forward;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;

/**
 * Bytes that a forward pass keeps for the way back ({@link BlockGraph}), from shapes, on the safe side [D]: what goes into norms,
 * linear layers and the products between them, and as much again for what comes out and for hooks that only look or mask.
 */
public final class GraphSize {
    private static final int IN_AND_OUT = 2;

    private GraphSize() {}

    /** Of one block and some tokens. */
    public static long ofBlock(ModelConfig config, LayerShape layer, long tokens) {
        long heads = (long) config.headDim() * layer.queryHeads(); // keys and values are repeated for them
        long perToken = 6L * config.hiddenSize() + 4 * heads + 4L * layer.channels();
        return IN_AND_OUT * perToken * tokens * Float.BYTES;
    }

    /** Of all blocks and all tokens. */
    public static long ofModel(ModelConfig config, long tokens) {
        return ofRange(config, 0, config.layers().size(), tokens);
    }

    /** Of the blocks {@code from} to {@code to}, that one excluded, and all tokens. */
    public static long ofRange(ModelConfig config, int from, int to, long tokens) {
        return config.layers().subList(from, to).stream().mapToLong(layer -> ofBlock(config, layer, tokens)).sum();
    }

    /** Of all blocks and all tokens, where hooks add to what linear layers return. */
    public static long ofAdapted(ModelConfig config, long tokens) {
        return ofModel(config, tokens)
                + config.layers().stream().mapToLong(layer -> added(config, layer, tokens)).sum();
    }

    /** Of adapters: their inputs with some numbers dropped, as much for masks and what is made meanwhile, each layer's sum. */
    private static long added(ModelConfig config, LayerShape layer, long tokens) {
        long queries = (long) config.headDim() * layer.queryHeads();
        long keys = (long) config.headDim() * layer.kvHeads();
        long in = 5L * config.hiddenSize() + queries + layer.channels();
        long out = queries + 2 * keys + 2L * config.hiddenSize() + 2L * layer.channels();
        return (2 * in + out) * tokens * Float.BYTES;
    }
}
