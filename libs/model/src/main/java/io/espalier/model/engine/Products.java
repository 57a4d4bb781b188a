package io.espalier.model.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Products of fp32 matrices outside autograd, by the faster of the two libraries that PyTorch carries. Its own choice is MKL,
 * which uses AVX-512 on Intel's processors only; oneDNN uses what the processor has. It is taken for larger products where that
 * is twice as wide ({@link Processor#prefersOneDnn}, docs/decisions/0018); everywhere else nothing changes. The two sum in
 * different orders: results differ by rounding.
 */
public final class Products {
    /** Additions and multiplications from which on oneDNN is faster, and the code that it generates for each shape is soon paid. */
    private static final double LARGE = 1e8;
    private static final long ROWS = 32;

    private Products() {}

    /**
     * {@code x W^T + bias}; not for what autograd shall record.
     *
     * @param x      [..., in]
     * @param weight [out, in]
     * @param bias   [out], or null
     * @return [..., out]
     */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        if (!goesToOneDnn(x, weight)) {
            return JniUtils.linear((PtNDArray) x, (PtNDArray) weight, (PtNDArray) bias);
        }
        NDArray product = oneDnn(x, weight);
        return bias == null ? product : product.addi(bias);
    }

    /** {@code a b}: [n, m] and [m, k] to [n, k]. */
    public static NDArray product(NDArray a, NDArray b) {
        try (NDArray transposed = b.transpose()) {
            return goesToOneDnn(a, transposed) ? oneDnn(a, transposed) : a.matMul(b);
        }
    }

    /** {@code x W^T} by oneDNN, whatever the processor. */
    static NDArray oneDnn(NDArray x, NDArray weight) {
        return Script.ONEDNN_PRODUCT.apply(x, weight);
    }

    private static boolean goesToOneDnn(NDArray x, NDArray weight) {
        Shape matrix = weight.getShape();
        long rows = x.size() / matrix.get(1);
        return rows >= ROWS && 2.0 * rows * matrix.size() >= LARGE && x.getDevice().equals(Device.cpu())
                && Processor.current().prefersOneDnn();
    }
}
