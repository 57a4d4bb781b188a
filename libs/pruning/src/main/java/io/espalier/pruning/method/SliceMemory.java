package io.espalier.pruning.method;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.GraphSize;
import java.util.Optional;

/**
 * What slicing is going to hold in memory: where weights stay what they were, no more than the file's pages of one tensor; where a
 * method repairs them, one block in fp32, what the repair takes, and the samples in front of the block.
 */
public final class SliceMemory {
    private final ModelConfig config;
    private final Optional<RepairNeed> repair;
    private final int samples;
    private final int length;

    /**
     * @param samples sequences that the method has
     * @param length  tokens of each
     */
    public SliceMemory(PruningMethod method, MethodOptions options, ModelConfig config, int samples, int length) {
        this.config = config;
        this.repair = method.repair(config, options);
        this.samples = samples;
        this.length = length;
    }

    public boolean repairs() {
        return repair.isPresent();
    }

    /**
     * The fastest way that fits. Slicing without a repair is never refused: pages of a file go when others need the memory.
     *
     * @param memory  bytes that this process may use
     * @param divisor of the micro-batch, after failures for want of memory
     * @throws IllegalArgumentException where a repair does not fit even one sequence at a time
     */
    public MemoryPlan fit(long memory, int divisor) {
        return repair.isEmpty()
                ? copying()
                : MemoryPlan.fit(this::repairing, largestMicroBatch(), block(), memory, divisor)
                        .orFail("repairing the weights of this model", memory,
                                "shorter samples, or leave the repair out ("
                                        + repair.get().unwanted() + ")");
    }

    /** One block at a time while the next is read, in the largest micro-batches that pay. */
    public MemoryPlan streaming() {
        return repair.isEmpty() ? copying() : repairing(largestMicroBatch()).readingAhead(block());
    }

    /** One block and one sequence at a time: below it a repair is refused. */
    public MemoryPlan least() {
        return repair.isEmpty() ? copying() : repairing(1);
    }

    private MemoryPlan copying() {
        return new MemoryPlan(false, 1, largestTensor(), 0, 0, 0, 0, MemoryPlan.PROCESS_BYTES);
    }

    /** Between repairs, tensors outside the blocks are copied. */
    private MemoryPlan repairing(int microBatch) {
        long beside = Math.max(repair.orElseThrow().bytes(), largestTensor());
        long tokens = (long) microBatch * length;
        long activations = config.layers().stream().mapToLong(layer -> GraphSize.ofBlock(config, layer, tokens)).max()
                .orElse(0);
        long between = ((long) samples * length + tokens) * config.hiddenSize() * Float.BYTES;
        return new MemoryPlan(false, microBatch, block() + beside, 0, activations,
                Math.min(between, MemoryPlan.BOUNDARY_BYTES), 0, MemoryPlan.PROCESS_BYTES);
    }

    private int largestMicroBatch() {
        return MemoryPlan.microBatch(samples, length);
    }

    private long block() {
        return config.largestLayerParameters() * Float.BYTES;
    }

    private long largestTensor() {
        return config.dtype().bytes() * config.tensors().stream().mapToLong(config::parameters).max().orElse(0);
    }
}
