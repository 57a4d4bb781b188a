package io.espalier.scoring;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.group.ModelShape;
import java.util.stream.IntStream;

/**
 * What scoring is going to hold in memory, from shapes: one block, one micro-batch, a piece of the head. It does not grow
 * with the number of layers. An estimate, on the safe side.
 *
 * @param blocks      fp32 copies of the largest block
 * @param activations of one micro-batch in one block
 * @param head        a piece of lm_head, and logits
 * @param process     the process itself: Java and the tensor engine
 */
record MemoryPlan(long blocks, long activations, long head, long process) {
    private static final long PROCESS_BYTES = 400L << 20;
    private static final long LOGIT_BYTES = 3 * (64L << 20);
    private static final long HEAD_PIECE_BYTES = 256L << 20;

    /** @param tokens in one micro-batch; 0 where no samples are read */
    static MemoryPlan of(ModelConfig config, int copies, int tokens, int length) {
        ModelShape shape = ModelShape.of(config);
        int layers = config.layers().size();
        long block = IntStream.range(0, layers).mapToLong(shape::layerCost).max().orElse(0) * Float.BYTES;
        if (tokens == 0) {
            return new MemoryPlan(copies * block, 0, 0, PROCESS_BYTES);
        }
        long activations = config.layers().stream().mapToLong(layer -> activations(config, layer, tokens, length))
                .max().orElse(0);
        long matrix = (long) config.vocabularySize() * config.hiddenSize() * Float.BYTES;
        long logits = 3L * tokens * config.vocabularySize() * Float.BYTES;
        return new MemoryPlan(copies * block, activations,
                Math.min(matrix, HEAD_PIECE_BYTES) + Math.min(logits, LOGIT_BYTES), PROCESS_BYTES);
    }

    /** What autograd keeps: inputs of norms, linear layers and products, and the attention weights, with gradients. */
    private static long activations(ModelConfig config, LayerShape layer, int tokens, int length) {
        long perToken = 10L * config.hiddenSize() + 6L * layer.channels()
                + 6L * config.headDim() * (layer.queryHeads() + layer.kvHeads());
        long attention = 4L * layer.queryHeads() * length;
        return 2 * tokens * (perToken + attention) * Float.BYTES;
    }

    long total() {
        return blocks + activations + head + process;
    }
}
