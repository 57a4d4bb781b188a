package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Bfloat16;
import io.espalier.model.engine.Products;

/**
 * How a block gets through its linear layers: just forward, in one of two precisions, or so that there is a way back
 * ({@link BlockGraph}).
 */
interface LinearLayers {
    /** A forward pass that nobody goes back through. */
    LinearLayers FORWARD = LinearLayers::product;

    /** The same in bf16, for matrices that were loaded so ({@link Bfloat16}). */
    LinearLayers BFLOAT16 = (role, x, weights) -> Bfloat16.linear(x, weights.get(role), weights.find(role.bias()));

    /** Called in front of the layers that share an input, and behind each addition; what it returns is to be used instead. */
    default NDArray enter(NDArray x) {
        return x;
    }

    /**
     * {@code x W^T + bias}.
     *
     * @param x    [B, T, in], from the last {@link #enter}
     * @param role of the matrix
     * @return [B, T, out]
     */
    NDArray apply(Role role, NDArray x, BlockWeights weights);

    static NDArray product(Role role, NDArray x, BlockWeights weights) {
        return Products.linear(x, weights.get(role), weights.find(role.bias()));
    }
}
