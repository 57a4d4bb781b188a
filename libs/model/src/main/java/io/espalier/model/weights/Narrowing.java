package io.espalier.model.weights;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.espalier.model.config.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** fp32 tensors to stored weights, rounded to the nearest value of the stored type, ties to even. */
public final class Narrowing {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private Narrowing() {}

    /**
     * The elements of an fp32 tensor (below 2 GiB) in a stored type, little-endian, for {@link CheckpointWriter#append}.
     * The segment of an F32 target on the CPU is the tensor's own memory: use it before the tensor is closed.
     */
    public static MemorySegment toBytes(NDArray array, DType dtype) {
        MemorySegment floats = floats(array);
        return switch (dtype) {
            case F32 -> floats;
            case F16, BF16 -> narrow(floats, dtype == DType.BF16);
            default -> throw new IllegalArgumentException(dtype + " is not a weight type");
        };
    }

    /** bf16 is the upper half of a float. NaN stays NaN; what is too large becomes infinite. */
    public static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        int rounding = 0x7fff + (bits >>> 16 & 1);
        return (short) (bits + rounding >>> 16);
    }

    private static MemorySegment narrow(MemorySegment floats, boolean bfloat) {
        long n = floats.byteSize() / Float.BYTES;
        MemorySegment narrow = MemorySegment.ofArray(new short[Math.toIntExact(n)]);
        for (long i = 0; i < n; i++) {
            float value = floats.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
            narrow.setAtIndex(SHORT, i, bfloat ? toBfloat16(value) : Float.floatToFloat16(value));
        }
        return narrow;
    }

    private static MemorySegment floats(NDArray array) {
        if (array.getDevice().equals(Device.cpu())) {
            return MemorySegment.ofBuffer(array.toByteBuffer(true));
        }
        return MemorySegment.ofArray(array.toFloatArray());
    }
}
