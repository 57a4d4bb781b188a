package io.espalier.model.weights;

import io.espalier.model.config.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Looks for NaN and infinity: all exponent bits set. */
final class Finite {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int F32_EXPONENT = 0x7f80_0000;
    private static final int BF16_EXPONENT = 0x7f80;
    private static final int F16_EXPONENT = 0x7c00;

    private Finite() {}

    /** Index of the first element that is not finite, -1 if there is none. */
    static long firstOffender(MemorySegment data, DType dtype) {
        return switch (dtype) {
            case F32 -> inInts(data);
            case F16 -> inShorts(data, F16_EXPONENT);
            case BF16 -> inShorts(data, BF16_EXPONENT);
            default -> throw new IllegalArgumentException(dtype + " is not a weight type");
        };
    }

    private static long inInts(MemorySegment data) {
        long n = data.byteSize() / Integer.BYTES;
        for (long i = 0; i < n; i++) {
            if ((data.getAtIndex(INT, i) & F32_EXPONENT) == F32_EXPONENT) {
                return i;
            }
        }
        return -1;
    }

    private static long inShorts(MemorySegment data, int exponent) {
        long n = data.byteSize() / Short.BYTES;
        for (long i = 0; i < n; i++) {
            if ((data.getAtIndex(SHORT, i) & exponent) == exponent) {
                return i;
            }
        }
        return -1;
    }
}
