package io.espalier.model.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.DType;
import io.espalier.model.engine.Torch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NarrowingTest {
    @ParameterizedTest
    @CsvSource({"3f800000, 3f80", // 1
        "3f808000, 3f80", // half way, to even: down
        "3f818000, 3f82", // half way, to even: up
        "3f808001, 3f81", // above half way
        "c0490fdb, c049", // -pi
        "7f7fffff, 7f80", // too large
        "7fffffff, 7fff", // NaN
        "7f800001, 7fc0", // NaN whose upper half alone would be infinity
        "80000000, 8000"})
    void roundsToTheNearestBfloat16(String floatBits, String bfloatBits) {
        float value = Float.intBitsToFloat(Integer.parseUnsignedInt(floatBits, 16));
        assertThat(Narrowing.toBfloat16(value) & 0xffff).isEqualTo(Integer.parseInt(bfloatBits, 16));
    }

    @ParameterizedTest
    @CsvSource({"F32, 1.0009766, 1.0009766", "F16, 1.0004, 1.0", "BF16, 1.01, 1.0078125"})
    void writesTheStoredType(DType dtype, float value, float stored) {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray array = manager.create(new float[]{value, -value});
            MemorySegment bytes = Narrowing.toBytes(array, dtype);
            assertThat(bytes.byteSize()).isEqualTo(2L * dtype.bytes());
            NDArray back = Widening.toFloat(manager, bytes, dtype, new long[]{2});
            assertThat(back.toFloatArray()).containsExactly(stored, -stored);
        }
    }

    @Test
    void survivesTheRoundTripOfEveryBfloat16() {
        MemorySegment all = MemorySegment.ofArray(new short[1 << 16]);
        for (int i = 0; i < 1 << 16; i++) {
            all.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, (short) i);
        }
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray wide = Widening.toFloat(manager, all, DType.BF16, new long[]{1 << 16});
            short[] back = Narrowing.toBytes(wide, DType.BF16).toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
            for (int i = 0; i < back.length; i++) {
                if (!Float.isNaN(Float.intBitsToFloat(i << 16))) {
                    assertThat(back[i]).isEqualTo((short) i);
                }
            }
        }
    }
}
