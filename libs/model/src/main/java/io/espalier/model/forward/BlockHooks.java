package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Products;

/**
 * Where others look into a block or change it: statistics read the inputs of its linear layers, masked candidates
 * multiply them by a mask, adapters replace the linear layers themselves. Everything takes part in autograd.
 */
public interface BlockHooks {
    /** A plain pass. */
    BlockHooks NONE = new BlockHooks() {};

    /** A forward pass that nobody goes back through: large products by the faster library ({@link Products#linear}). */
    BlockHooks FORWARD_ONLY = new BlockHooks() {
        @Override
        public NDArray linear(Role role, NDArray x, NDArray weight, NDArray bias) {
            return Products.linear(x, weight, bias);
        }
    };

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

    /** {@code x W^T + bias}; {@code bias} may be null. */
    default NDArray linear(Role role, NDArray x, NDArray weight, NDArray bias) {
        return JniUtils.linear((PtNDArray) x, (PtNDArray) weight, (PtNDArray) bias);
    }
}
