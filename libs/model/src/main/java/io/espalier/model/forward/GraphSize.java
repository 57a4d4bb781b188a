package io.espalier.model.forward;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import java.util.stream.IntStream;

/**
 * Bytes that autograd keeps of a forward pass, from shapes, on the safe side [D]: inputs of norms, of linear layers and of
 * the products between them; as much again for what hooks add.
 */
public final class GraphSize {
    private static final int HOOKS = 2;

    private GraphSize() {}

    /** Of one block and some tokens. */
    public static long ofBlock(ModelConfig config, LayerShape layer, long tokens) {
        long heads = (long) config.headDim() * (layer.queryHeads() + layer.kvHeads());
        long perToken = 6L * config.hiddenSize() + 2 * heads + 4L * layer.channels();
        return HOOKS * perToken * tokens * Float.BYTES;
    }

    /** Of all blocks and all tokens. */
    public static long ofModel(ModelConfig config, long tokens) {
        return ofRange(config, 0, config.layers().size(), tokens);
    }

    /** Of the blocks {@code from} to {@code to}, that one excluded, and all tokens. */
    public static long ofRange(ModelConfig config, int from, int to, long tokens) {
        return config.layers().subList(from, to).stream().mapToLong(layer -> ofBlock(config, layer, tokens)).sum();
    }

    static long of(ModelConfig config, MicroBatches tokens) {
        return ofModel(config, IntStream.range(0, tokens.count()).mapToLong(tokens::tokens).sum());
    }
}
