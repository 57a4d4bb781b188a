package io.espalier.model.export;

import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.weights.Narrowing;
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

    private static final float MAX_F16 = 65504;

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
                long from = (long) head * headDim + j;
                MemorySegment.copy(source, from * rowBytes, target, turnedRow(from, headDim) * rowBytes, rowBytes);
            }
        }
        return target;
    }

    /** Where a row of q or k, in halves, stands among neighbours. */
    static long turnedRow(long row, int headDim) {
        long inside = row % headDim;
        return row - inside + inside % (headDim / 2) * 2 + inside / (headDim / 2);
    }

    /** @throws InvalidCheckpointException where fp16 cannot hold a weight */
    static MemorySegment convert(MemorySegment source, DType from, GgufWriter.Type to, Arena arena) {
        if (to.name().equals(from.name())) {
            return source;
        }
        long elements = source.byteSize() / from.bytes();
        if (to == GgufWriter.Type.Q8_0) {
            return quantise(source, from, elements, arena);
        }
        DType type = DType.valueOf(to.name());
        MemorySegment target = arena.allocate(elements * type.bytes());
        for (long i = 0; i < elements; i++) {
            set(target, type, i, element(source, from, i));
        }
        return target;
    }

    /** Elements {@code first..first+count-1} of a stored tensor; a multiple of the type's block where it has one. */
    static void decode(MemorySegment source, GgufWriter.Type from, long first, float[] target, int at, int count) {
        if (from != GgufWriter.Type.Q8_0) {
            DType type = DType.valueOf(from.name());
            for (int i = 0; i < count; i++) {
                target[at + i] = element(source, type, first + i);
            }
            return;
        }
        int block = from.block();
        for (int i = 0; i < count; i++) {
            long start = (first + i) / block * (Short.BYTES + block);
            float scale = Float.float16ToFloat(source.get(SHORT, start));
            target[at + i] = scale * source.get(ValueLayout.JAVA_BYTE, start + Short.BYTES + (first + i) % block);
        }
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

    static void set(MemorySegment target, DType type, long i, float value) {
        switch (type) {
            case F32 -> target.set(FLOAT, i * Float.BYTES, value);
            case F16 -> {
                if (Math.abs(value) > MAX_F16) {
                    throw new InvalidCheckpointException("a weight of " + value + " is more than fp16 can hold");
                }
                target.set(SHORT, i * Short.BYTES, Float.floatToFloat16(value));
            }
            case BF16 -> target.set(SHORT, i * Short.BYTES, Narrowing.toBfloat16(value));
            default -> throw new IllegalArgumentException(type + " is not a weight type");
        }
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
