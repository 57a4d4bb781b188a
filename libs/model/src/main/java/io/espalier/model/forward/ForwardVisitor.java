package io.espalier.model.forward;

/** Takes part in a forward pass over all blocks. */
public interface ForwardVisitor {
    /** Only passes through. */
    ForwardVisitor NONE = new ForwardVisitor() {};

    /** Hooks for one layer and micro-batch. */
    default BlockHooks hooks(int layer, int microBatch) {
        return BlockHooks.NONE;
    }

    /** All micro-batches have passed the layer. */
    default void layerDone(int layer) {}

    /** Between two micro-batches; may throw to end the pass early. */
    default void checkpoint() {}
}
