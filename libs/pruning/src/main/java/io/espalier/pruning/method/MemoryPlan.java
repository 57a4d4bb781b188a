package io.espalier.pruning.method;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.GraphSize;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * What a task is going to hold in memory, in bytes, known before it starts: from shapes, method and micro-batch, pure. An
 * estimate; docs/performance.md has what processes were seen to take beside it. Of scoring here, of slicing in
 * {@link SliceMemory}.
 *
 * @param resident    whether all weights stay in memory
 * @param microBatch  sequences in one pass
 * @param blocks      fp32 weights of one block, or of all, copies of one block and what is held beside them
 * @param ahead       fp32 weights of the block that is read while another computes; 0 where none is
 * @param activations what autograd keeps: of one micro-batch in one block, or of all
 * @param boundaries  activations between blocks
 * @param head        a piece of lm_head, and logits
 * @param process     the process itself: Java and the tensor engine
 */
public record MemoryPlan(boolean resident, int microBatch, long blocks, long ahead, long activations, long boundaries,
        long head, long process) {
    /** Activations between blocks beyond this go to disk. */
    public static final long BOUNDARY_BYTES = 256L << 20;
    static final long PROCESS_BYTES = 448L << 20;
    private static final long LOGIT_BYTES = 3 * (32L << 20);
    private static final long HEAD_PIECE_BYTES = 256L << 20;
    /** Tokens in one forward pass, as far as whole sequences and memory allow. */
    private static final int MICRO_BATCH_TOKENS = 1024;

    /** Micro-batches in a pass of several ranges, if there are as many samples and they have enough tokens. */
    private static final int PIPELINED_MICRO_BATCHES = 16;
    private static final int LEAST_PIPELINED_TOKENS = 64;
    /** Micro-batches for each range that may wait for their gradients: the way to the last range and back, and some slack. */
    private static final int IN_FLIGHT_PER_RANGE = 2;

    /**
     * What is to be scored.
     *
     * @param copies  fp32 copies of one block that the method holds, weights included
     * @param work    bytes that it holds beside them
     * @param samples sequences, 0 where none are read
     * @param length  tokens of each
     * @param ranges  of layers that work side by side, 1 where one task has them all
     */
    public record Need(ModelConfig config, int copies, long work, int samples, int length, int ranges) {
        /** All layers in one task. */
        public Need(ModelConfig config, int copies, long work, int samples, int length) {
            this(config, copies, work, samples, length, 1);
        }

        /** With a method's own estimates. */
        public static Need of(PruningMethod method, MethodOptions options, ModelConfig config, int samples,
                int length) {
            return new Need(config, method.blockCopies(options), method.workBytes(config, options), samples, length,
                    method.scoring(options).ranges());
        }

        long block() {
            return config.largestLayerParameters() * Float.BYTES;
        }

        /** Micro-batches that may wait for their gradients in one range. */
        public int inFlight() {
            return IN_FLIGHT_PER_RANGE * ranges;
        }

        /**
         * The largest micro-batch that pays. Ranges wait for the first one and for the last, so theirs are smaller: by as many
         * as there are of them in all, whatever the number of ranges, so that this number changes nothing in the result.
         */
        int microBatch() {
            int largest = MemoryPlan.microBatch(samples, length);
            return ranges == 1
                    ? largest
                    : Math.clamp(samples / PIPELINED_MICRO_BATCHES,
                            Math.clamp(LEAST_PIPELINED_TOKENS / length, 1, largest), largest);
        }
    }

    /**
     * The fastest way that fits: all weights and graphs in memory, else one block at a time while the next is read, else
     * without reading ahead, the micro-batch halved until there is room.
     *
     * @param memory  bytes that this process may use
     * @param divisor of the micro-batch, after failures for want of memory
     * @throws IllegalArgumentException where not even one sequence fits
     */
    public static MemoryPlan fit(Need need, long memory, int divisor) {
        MemoryPlan resident = resident(need);
        if (divisor == 1 && resident.total() <= memory) {
            return resident;
        }
        return fit(size -> streamed(need, size), need.microBatch(), need.block(), memory, divisor)
                .orFail("scoring this model", memory, "shorter samples");
    }

    /** The largest micro-batch that pays where blocks are streamed. */
    static int microBatch(int samples, int length) {
        return Math.clamp(MICRO_BATCH_TOKENS / Math.max(1, length), 1, Math.max(1, samples));
    }

    /**
     * One block at a time: in the largest micro-batches while the next block is read, else in the largest that fit, at least of
     * one sequence.
     *
     * @param streamed plan for a micro-batch
     * @param block    bytes of a block that is read ahead
     */
    static MemoryPlan fit(IntFunction<MemoryPlan> streamed, int largest, long block, long memory, int divisor) {
        int microBatch = Math.max(1, largest / divisor);
        MemoryPlan plan = streamed.apply(microBatch);
        if (divisor == 1 && plan.total() + block <= memory) {
            return plan.readingAhead(block);
        }
        while (plan.total() > memory && microBatch > 1) {
            microBatch /= 2;
            plan = streamed.apply(microBatch);
        }
        return plan;
    }

    /**
     * Itself where it fits.
     *
     * @param otherwise what would help beside more memory
     */
    MemoryPlan orFail(String what, long memory, String otherwise) {
        if (total() > memory) {
            throw new IllegalArgumentException(what + " needs about " + (total() >> 20)
                    + " MiB, one block and one sequence at a time, and this worker may use " + (memory >> 20)
                    + " MiB; give it more memory (ESPALIER_MEMORY_MEBIBYTES) or " + otherwise);
        }
        return this;
    }

    /**
     * A range of layers beside others: its weights and the method's copies of them, and the graphs of some micro-batches.
     *
     * @param from   first layer
     * @param to     one behind the last layer
     * @return empty where there is no room, so that the range has to be scored block by block like any model
     */
    public static Optional<MemoryPlan> range(Need need, int from, int to, long memory) {
        ModelConfig config = need.config();
        int microBatch = need.microBatch();
        long tokens = (long) microBatch * need.length();
        long blocks = need.copies() * config.parameters(from, to) * Float.BYTES + need.work();
        long graph = GraphSize.ofRange(config, from, to, tokens);
        long border = Math.min(2L * need.samples() * need.length() * config.hiddenSize() * Float.BYTES, BOUNDARY_BYTES);
        long head = to == config.layers().size() ? head(config, tokens) : 0;
        long rest = blocks + border + head + PROCESS_BYTES;
        long graphs = Math.min((memory - rest) / graph, need.inFlight());
        return graphs < 1
                ? Optional.empty()
                : Optional.of(new MemoryPlan(false, microBatch, blocks, 0, graphs * graph, border, head,
                        PROCESS_BYTES));
    }

    /** One block at a time while the next is read, in the largest micro-batches that pay: what streaming gains from. */
    public static MemoryPlan streaming(Need need) {
        return streamed(need, need.microBatch()).readingAhead(need.block());
    }

    /** One block and one micro-batch at a time; does not grow with the number of layers. */
    public static MemoryPlan streamed(Need need, int microBatch) {
        ModelConfig config = need.config();
        if (need.samples() == 0) {
            return new MemoryPlan(false, microBatch, need.copies() * need.block() + need.work(), 0, 0, 0, 0,
                    PROCESS_BYTES);
        }
        long tokens = (long) microBatch * need.length();
        long activations = config.layers().stream().mapToLong(l -> GraphSize.ofBlock(config, l, tokens)).max()
                .orElse(0);
        return new MemoryPlan(false, microBatch, need.copies() * need.block() + need.work(), 0, activations,
                boundaries(need), head(config, tokens), PROCESS_BYTES);
    }

    private static MemoryPlan resident(Need need) {
        ModelConfig config = need.config();
        long weights = config.parameters() * Float.BYTES + (need.copies() - 1) * need.block() + need.work();
        long tokens = (long) need.samples() * need.length();
        long head = need.samples() == 0 ? 0 : head(config, (long) need.microBatch() * need.length());
        return new MemoryPlan(true, need.microBatch(), weights, 0, GraphSize.ofModel(config, tokens), 0, head,
                PROCESS_BYTES);
    }

    /** The same with one more block in memory. */
    MemoryPlan readingAhead(long block) {
        return new MemoryPlan(resident, microBatch, blocks, block, activations, boundaries, head, process);
    }

    public long total() {
        return blocks + ahead + activations + boundaries + head + process;
    }

    /** Bytes for weights and graphs together, or for a block read ahead, as {@link Compute} takes them. */
    public long residentBytes() {
        return resident ? blocks + activations : ahead;
    }

    private static long boundaries(Need need) {
        long all = (need.config().layers().size() + 1L) * need.samples() * need.length() * need.config().hiddenSize();
        return Math.min(all * Float.BYTES, BOUNDARY_BYTES);
    }

    /** fp32 rows of lm_head, or of the embedding, that are in memory together. */
    public static long headPieceBytes(ModelConfig config) {
        return Math.min((long) config.vocabularySize() * config.hiddenSize() * Float.BYTES, HEAD_PIECE_BYTES);
    }

    private static long head(ModelConfig config, long tokens) {
        return headPieceBytes(config) + Math.min(3 * tokens * config.vocabularySize() * Float.BYTES,
                LOGIT_BYTES);
    }
}
