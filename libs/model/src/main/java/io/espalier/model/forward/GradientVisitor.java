package io.espalier.model.forward;

/**
 * Receives weights and gradients of one block after another, the last block first. The arrays are valid only during the
 * call and must not be changed; what a visitor computes from them it computes in a scope of its own.
 */
public interface GradientVisitor {
    /** Whether gradients of this layer's weights are wanted; without, only its input's gradient is computed. */
    default boolean wants(int layer) {
        return true;
    }

    /**
     * Whether the pass must come down to this layer though the gradients of its weights may not be wanted: hooks of a
     * layer can hold weights of their own.
     */
    default boolean reaches(int layer) {
        return wants(layer);
    }

    /** Hooks for one layer and micro-batch. */
    default BlockHooks hooks(int layer, int microBatch) {
        return BlockHooks.NONE;
    }

    /**
     * Gradient of one sequence's own value; only called for {@link Gradients#PER_SEQUENCE}.
     *
     * @param sequence index among all sequences
     */
    default void sequence(int layer, int sequence, BlockWeights weights, BlockWeights gradients) {}

    /** Gradient of the mean over the whole batch; only called for {@link Gradients#BATCH}. */
    default void block(int layer, BlockWeights weights, BlockWeights gradients) {}

    /** A layer is done. */
    default void layerDone(int layer) {}

    /** Between two micro-batches; may throw to end the pass early. */
    default void checkpoint() {}
}
