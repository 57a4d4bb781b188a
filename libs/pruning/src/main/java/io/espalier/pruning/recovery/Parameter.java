package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.engine.Torch;

/**
 * A trained matrix with its gradient and AdamW's two running means, all fp32.
 *
 * @param name     where it stands, for checkpoints
 * @param value    leaf of every graph; its gradient adds up until {@link #clearGradient}
 * @param mean     of the gradients
 * @param variance of the gradients, uncentred
 */
record Parameter(String name, PtNDArray value, PtNDArray mean, PtNDArray variance) {
    static Parameter create(NDManager manager, String name, float[] initial, Shape shape) {
        var value = (PtNDArray) Torch.ofFloats(manager, initial, shape);
        value.setRequiresGradient(true);
        return new Parameter(name, value, (PtNDArray) manager.zeros(shape, DataType.FLOAT32),
                (PtNDArray) manager.zeros(shape, DataType.FLOAT32));
    }

    /** Sum of the squares of the gradient's entries. */
    double squaredGradientNorm() {
        try (NDArray gradient = value.getGradient(); NDArray squared = gradient.square(); NDArray sum = squared.sum()) {
            return sum.getFloat();
        }
    }

    void clearGradient() {
        JniUtils.zeroGrad(value);
    }
}
