package io.espalier.model.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.util.cuda.CudaUtils;
import java.lang.foreign.MemorySegment;

/**
 * Linear layers in bf16 (8 bits of significand). PyTorch has the type, DJL does not: it takes such an array for one of unknown
 * type, and most of what DJL offers ends the process there. Only {@link #linear} is to be asked of arrays made here.
 */
public final class Bfloat16 {
    /** Compute capability of the first GPUs with bf16. */
    private static final int AMPERE = 80;

    private Bfloat16() {}

    /** Whether a device multiplies bf16 numbers by instructions of its own; others imitate it, slower than fp32. */
    public static boolean isFastOn(Device device) {
        return device.isGpu()
                ? Integer.parseInt(CudaUtils.getComputeCapability(device.getDeviceId())) >= AMPERE
                : Processor.current().multipliesBfloat16();
    }

    /** To the nearest, ties to even; of the same shape. */
    public static NDArray round(NDArray x) {
        return Script.ROUND_TO_BFLOAT16.apply(x);
    }

    /**
     * An array on the CPU that is the given memory itself.
     *
     * @param numbers little-endian, as many as the shape holds, aligned; must outlive the array and not be changed by it
     */
    public static NDArray view(NDManager manager, MemorySegment numbers, long[] shape) {
        return TorchLibrary.bfloat16(manager, numbers, shape);
    }

    /**
     * {@code x W^T + bias}: {@code x} is rounded to bf16, products are summed in fp32, each sum is rounded to bf16, and the
     * bias is added in fp32.
     *
     * @param x      [..., in], fp32
     * @param weight [out, in], bf16
     * @param bias   [out], fp32, or null
     * @return [..., out], fp32
     */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        NDArray product = Script.BFLOAT16_LINEAR.apply(x, weight);
        return bias == null ? product : product.addi(bias);
    }
}
