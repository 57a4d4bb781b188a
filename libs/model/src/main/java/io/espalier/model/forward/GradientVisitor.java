package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import io.espalier.model.config.Role;

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

    /** Whether hooks add to what linear layers return ({@link BlockHooks#output}), which takes memory until the way back. */
    default boolean hooksAdd() {
        return false;
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

    /** Whether gradients of embedding, final norm and lm_head are wanted; only with {@link Gradients#BATCH}. */
    default boolean wantsOuter() {
        return false;
    }

    /**
     * Weights and gradients around the blocks, at the end of the pass.
     *
     * @param role     FINAL_NORM, HEAD or EMBEDDING; a tied matrix comes as EMBEDDING, with both its gradients added
     * @param firstRow the matrices come in pieces of rows; 0 for the norm
     */
    default void outer(Role role, int firstRow, NDArray weight, NDArray gradient) {}

    /**
     * The pass goes on where an earlier one had stopped; called before anything else.
     *
     * @param steps calls of {@link #checkpoint} that fall away
     */
    default void resumed(int steps) {}

    /** A layer is done. */
    default void layerDone(int layer) {}

    /** Nothing can be done before a neighbouring range has come further; may throw to end the pass early. */
    default void idle() {}

    /** Between two micro-batches; may throw to end the pass early. */
    default void checkpoint() {}
}
