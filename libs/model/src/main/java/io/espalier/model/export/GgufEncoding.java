package io.espalier.model.export;

import io.espalier.model.config.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Rows and elements as GGUF stores them. */
final class GgufEncoding {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private GgufEncoding() {}

    static MemorySegment floats(float[] values, Arena arena) {
        MemorySegment target = arena.allocate((long) values.length * Float.BYTES);
        for (int i = 0; i < values.length; i++) {
            target.set(FLOAT, (long) i * Float.BYTES, values[i]);
        }
        return target;
    }

    /**
     * Rows of q or k, {@code [heads * Dh, d]}, from pairs {@code (i, i + Dh/2)} to pairs {@code (2i, 2i+1)} in each head:
     * {@code reshape(heads, 2, Dh/2, d).swapaxes(1, 2)} of llama.cpp's converter.
     */
    static MemorySegment neighbours(MemorySegment source, int rows, int heads, Arena arena) {
        long rowBytes = source.byteSize() / rows;
        int headDim = rows / heads;
        MemorySegment target = arena.allocate(source.byteSize());
        for (int head = 0; head < heads; head++) {
            for (int j = 0; j < headDim; j++) {
                long from = (long) head * headDim + j % 2 * (headDim / 2) + j / 2;
                long to = (long) head * headDim + j;
                MemorySegment.copy(source, from * rowBytes, target, to * rowBytes, rowBytes);
            }
        }
        return target;
    }

    static MemorySegment convert(MemorySegment source, DType from, GgufWriter.Type to, Arena arena) {
        if (to.name().equals(from.name())) {
            return source;
        }
        long elements = source.byteSize() / from.bytes();
        return switch (to) {
            case F32 -> {
                MemorySegment target = arena.allocate(elements * Float.BYTES);
                for (long i = 0; i < elements; i++) {
                    target.set(FLOAT, i * Float.BYTES, element(source, from, i));
                }
                yield target;
            }
            case Q8_0 -> quantise(source, from, elements, arena);
            case F16, BF16 -> throw new IllegalArgumentException("from " + from + " to " + to);
        };
    }

    /** Q8_0: blocks of 32, an fp16 scale {@code max|x| / 127}, then 32 signed bytes. */
    private static MemorySegment quantise(MemorySegment source, DType from, long elements, Arena arena) {
        int block = GgufWriter.Type.Q8_0.block();
        MemorySegment target = arena.allocate(GgufWriter.Type.Q8_0.bytes(elements));
        long at = 0;
        for (long first = 0; first < elements; first += block) {
            float largest = 0;
            for (int i = 0; i < block; i++) {
                largest = Math.max(largest, Math.abs(element(source, from, first + i)));
            }
            float scale = largest / Byte.MAX_VALUE;
            float inverse = scale == 0 ? 0 : 1 / scale;
            target.set(SHORT, at, Float.floatToFloat16(scale));
            for (int i = 0; i < block; i++) {
                byte q = (byte) Math.round(element(source, from, first + i) * inverse);
                target.set(ValueLayout.JAVA_BYTE, at + Short.BYTES + i, q);
            }
            at += Short.BYTES + block;
        }
        return target;
    }

    private static float element(MemorySegment source, DType type, long i) {
        return switch (type) {
            case F32 -> source.get(FLOAT, i * Float.BYTES);
            case F16 -> Float.float16ToFloat(source.get(SHORT, i * Short.BYTES));
            case BF16 -> Float.intBitsToFloat(source.get(SHORT, i * Short.BYTES) << Short.SIZE);
            default -> throw new IllegalArgumentException(type + " is not a weight type");
        };
    }
}
