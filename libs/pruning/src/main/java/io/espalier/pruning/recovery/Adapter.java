package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.engine.Torch;
import java.util.List;

/**
 * A low-rank addition to one linear layer: {@code W x} becomes {@code W x + scale * B A dropout(x)}. LoRA,
 * arXiv:2106.09685, section 4.1; dropout as in peft.
 *
 * @param a [rank, in]
 * @param b [out, rank]
 */
record Adapter(Parameter a, Parameter b, double scale) {
    /**
     * What is added to the layer's output.
     *
     * @param x [..., in]
     * @return [..., out]
     */
    NDArray apply(NDArray x) {
        NDArray low = Torch.scale(JniUtils.linear((PtNDArray) x, a.value(), null), scale); // [..., rank]
        return JniUtils.linear((PtNDArray) low, b.value(), null); // [..., out]
    }

    /** What is added to the layer's weight: {@code scale * B A}, [out, in]. */
    NDArray delta() {
        try (NDArray product = b.value().matMul(a.value())) {
            return Torch.scale(product, scale);
        }
    }

    List<Parameter> parameters() {
        return List.of(a, b);
    }
}
