package io.espalier.model.weights;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.DType;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.engine.Torch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.LongStream;

/**
 * Stored weights to fp32 tensors. Both 16-bit types widen exactly; DJL itself knows no bfloat16. Large tensors are widened
 * by as many threads as the engine may use anyway.
 */
final class Widening {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private static final long MAX_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

    /** Elements that one thread widens at a time: 1 MiB of fp32. */
    private static final long PIECE = 1 << 18;

    private Widening() {}

    /** @param source little-endian elements, as many as the shape holds, at most 2^31 - 1; for any thread to read */
    static NDArray toFloat(NDManager manager, MemorySegment source, DType dtype, long[] shape) {
        if (source.byteSize() / dtype.bytes() > MAX_ELEMENTS) {
            throw new UnsupportedModelException("a matrix of " + source.byteSize() / dtype.bytes()
                    + " weights is more than an array of the engine can hold in fp32 (" + MAX_ELEMENTS + ")");
        }
        return switch (dtype) {
            case F32 -> ofFloats(manager, source, shape);
            case F16, BF16 -> widen(manager, source, dtype, shape);
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

    private static NDArray widen(NDManager manager, MemorySegment source, DType dtype, long[] shape) {
        NDArray wide = manager.create(new Shape(shape), DataType.FLOAT32, Device.cpu());
        MemorySegment target = target(wide);
        long size = wide.size();
        LongStream pieces = LongStream.range(0, Math.ceilDiv(size, PIECE));
        (Torch.threads() > 1 ? pieces.parallel() : pieces).forEach(piece -> {
            long from = piece * PIECE;
            long n = Math.min(PIECE, size - from);
            toFloats(source.asSlice(from * dtype.bytes(), n * dtype.bytes()), dtype, target, from, n);
        });
        return onDevice(manager, wide);
    }

    /** Elements {@code 0..n-1} of the source into elements {@code at..at+n-1} of an fp32 target. */
    static void toFloats(MemorySegment source, DType dtype, MemorySegment target, long at, long n) {
        switch (dtype) {
            case F32 -> target.asSlice(at * Float.BYTES, n * Float.BYTES).copyFrom(source);
            case F16 -> {
                for (long i = 0; i < n; i++) {
                    target.setAtIndex(FLOAT, at + i, Float.float16ToFloat(source.getAtIndex(SHORT, i)));
                }
            }
            case BF16 -> {
                for (long i = 0; i < n; i++) {
                    target.setAtIndex(INT, at + i, source.getAtIndex(SHORT, i) << Short.SIZE);
                }
            }
            default -> throw new IllegalArgumentException(dtype + " is not a weight type");
        }
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
