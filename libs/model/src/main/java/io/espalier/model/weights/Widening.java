package io.espalier.model.weights;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Stored weights to fp32 tensors. Both 16-bit types widen exactly; DJL itself knows no bfloat16. */
final class Widening {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private Widening() {}

    /** @param source little-endian elements, as many as the shape holds; at most 2^31 - 1 */
    static NDArray toFloat(NDManager manager, MemorySegment source, DType dtype, long[] shape) {
        return switch (dtype) {
            case F32 -> ofFloats(manager, source, shape);
            case F16, BF16 -> widen(manager, source, dtype == DType.BF16, shape);
            default -> throw new IllegalArgumentException(dtype + " is not a weight type");
        };
    }

    private static NDArray ofFloats(NDManager manager, MemorySegment source, long[] shape) {
        boolean aligned = source.address() % Float.BYTES == 0;
        if (aligned && manager.getDevice().equals(Device.cpu())) {
            ByteBuffer view = source.asByteBuffer().order(ByteOrder.nativeOrder());
            return manager.create(view, new Shape(shape), DataType.FLOAT32);
        }
        NDArray copy = manager.create(new Shape(shape), DataType.FLOAT32, Device.cpu());
        target(copy).copyFrom(source);
        return onDevice(manager, copy);
    }

    private static NDArray widen(NDManager manager, MemorySegment source, boolean bfloat, long[] shape) {
        NDArray wide = manager.create(new Shape(shape), DataType.FLOAT32, Device.cpu());
        MemorySegment target = target(wide);
        long n = target.byteSize() / Float.BYTES;
        for (long i = 0; i < n; i++) {
            short s = source.getAtIndex(SHORT, i);
            if (bfloat) {
                target.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, s << 16);
            } else {
                target.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, Float.float16ToFloat(s));
            }
        }
        return onDevice(manager, wide);
    }

    private static MemorySegment target(NDArray array) {
        return MemorySegment.ofBuffer(array.toByteBuffer(true));
    }

    private static NDArray onDevice(NDManager manager, NDArray array) {
        if (manager.getDevice().equals(array.getDevice())) {
            return array;
        }
        NDArray moved = array.toDevice(manager.getDevice(), true);
        array.close();
        return moved;
    }
}
