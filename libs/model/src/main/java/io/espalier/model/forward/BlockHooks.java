package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import io.espalier.model.config.Role;

/**
 * Where others look into a block or change it: statistics read the inputs of its linear layers, masked candidates
 * multiply them by a mask, adapters add to what linear layers return. Everything takes part in autograd.
 */
public interface BlockHooks {
    /** A plain pass. */
    BlockHooks NONE = new BlockHooks() {};

    /** Inputs of linear layers. */
    enum Site {
        /** [B, T, d] */
        QKV_INPUT,
        /** [B, T, Hq * Dh] */
        O_INPUT,
        /** [B, T, d] */
        GATE_UP_INPUT,
        /** [B, T, I] */
        DOWN_INPUT
    }

    /** The array to go on with, usually {@code x}. */
    default NDArray input(Site site, NDArray x) {
        return x;
    }

    /**
     * The array to go on with, usually {@code y}.
     *
     * @param role the matrix of a linear layer
     * @param x    what went into it, [B, T, in]
     * @param y    what came out, [B, T, out]; must not be changed
     */
    default NDArray output(Role role, NDArray x, NDArray y) {
        return y;
    }
}
