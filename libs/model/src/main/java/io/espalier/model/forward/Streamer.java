package io.espalier.model.forward;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs sequences through a model, blocks outside, micro-batches inside, so that no more than one block's weights, their
 * gradients and one micro-batch are in memory; what stands at the boundaries of blocks is kept, or spilled to disk.
 *
 * <p>
 * Backward (methods.md section 9): from the last block on, weights are loaded again, the block is recomputed from its
 * input under autograd, the gradient of its output is injected, and the gradients of its weights are handed out and
 * forgotten. Each block's weights are so read twice.
 */
public final class Streamer {
    private static final long DEFAULT_MEMORY_BYTES = 512L << 20;

    private final Model model;
    private final long memoryBytes;
    private final Path spillFolder;

    public Streamer(Model model) {
        this(model, DEFAULT_MEMORY_BYTES, null);
    }

    /**
     * @param memoryBytes for activations at block boundaries; more goes to disk
     * @param spillFolder null for the system's temporary folder
     */
    public Streamer(Model model, long memoryBytes, Path spillFolder) {
        this.model = model;
        this.memoryBytes = memoryBytes;
        this.spillFolder = spillFolder;
    }

    /** Runs all blocks; the visitor's hooks see what passes. */
    public void forward(MicroBatches tokens, ForwardVisitor visitor) {
        try (ActivationStream stream = stream(tokens)) {
            forward(stream, visitor);
        }
    }

    /** How well each next token of each sequence is predicted, in their order. */
    public List<TokenScores> scores(MicroBatches tokens, ForwardVisitor visitor) {
        try (ActivationStream stream = stream(tokens)) {
            forward(stream, visitor);
            return stream.scores();
        }
    }

    /** Sequences in front of the first block, to be moved block by block by the caller. */
    public ActivationStream stream(MicroBatches tokens) {
        return stream(tokens, PassCheckpoints.NONE);
    }

    /** The same, or where an earlier stream had come to: {@link ActivationStream#layer} tells. */
    public ActivationStream stream(MicroBatches tokens, PassCheckpoints checkpoints) {
        return new ActivationStream(model, tokens, memoryBytes, spillFolder, checkpoints);
    }

    private void forward(ActivationStream stream, ForwardVisitor visitor) {
        for (int layer = 0; layer < model.config().layers().size(); layer++) {
            int index = layer;
            try (NDManager scope = model.newScope()) {
                stream.advance(model.block(scope, layer), microBatch -> {
                    visitor.checkpoint();
                    return visitor.hooks(index, microBatch);
                });
            }
            model.release(layer);
            visitor.layerDone(layer);
        }
    }

    /**
     * Gradients of an objective with respect to the weights of the layers that the visitor wants.
     *
     * @param sequences how many the mean is taken over; more than those given where others hold the rest
     * @return mean of the objective: the sum over the given sequences divided by {@code sequences}
     */
    public double backward(MicroBatches tokens, HeadObjective objective, Gradients kind, int sequences,
            GradientVisitor visitor) {
        return backward(tokens, objective, kind, sequences, visitor, PassCheckpoints.NONE);
    }

    /** The same, going on from the last checkpoint; where autograd's graphs are kept in memory none are made. */
    public double backward(MicroBatches tokens, HeadObjective objective, Gradients kind, int sequences,
            GradientVisitor visitor, PassCheckpoints checkpoints) {
        try (NDManager manager = model.newScope();
                var store = new ActivationStore(manager, memoryBytes, spillFolder)) {
            return new BackwardPass(model, tokens, objective, kind, sequences, visitor, manager, store,
                    checkpoints).run();
        }
    }

    /**
     * The same for a range of layers, while others take those before and behind it; weights of the range and their gradients
     * stay in memory. Only layers of the range are handed out, with the gradients of the whole pass to the last bit.
     *
     * @param visitor as the other ranges have it: it says what is wanted of all layers
     * @return false if it has waited for its neighbours in vain; statistics taken until then are of no use
     */
    public boolean backward(PipelineRange range, MicroBatches tokens, HeadObjective objective, Gradients kind,
            int sequences, GradientVisitor visitor) throws InterruptedException {
        try (NDManager manager = model.newScope();
                var store = new ActivationStore(manager, memoryBytes, spillFolder)) {
            return new RangePass(model, range, tokens, objective, kind, sequences, visitor, manager, store).run();
        }
    }
}
