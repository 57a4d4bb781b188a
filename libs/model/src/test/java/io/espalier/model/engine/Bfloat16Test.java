package io.espalier.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against bf16 by hand: the upper half of an fp32 number, to the nearest, ties to even. */
class Bfloat16Test {
    /** What is rounded is read by multiplying it: one row by the identity, whose sums are exact. */
    @Test
    void roundsToTheNearest() {
        float[] numbers = {0, 1, -1, 3.1415927f, 1 + 1 / 256f, 1 + 3 / 256f, 1e-30f, -2.5e30f, 65536 * 3.3f};
        try (NDManager scope = Torch.newManager(Device.cpu())) {
            NDArray rounded = Bfloat16.round(scope.create(numbers, new Shape(numbers.length, 1)));

            assertThat(Bfloat16.linear(scope.ones(new Shape(1, 1)), rounded, null).toFloatArray())
                    .containsExactly(rounded(numbers));
        }
    }

    @Test
    void viewsNumbersWhereTheyLie() {
        float[] numbers = {1, 2, 3, 4, 5, -6};
        try (NDManager scope = Torch.newManager(Device.cpu()); Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2L * numbers.length, 64);
            for (int i = 0; i < numbers.length; i++) {
                memory.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToIntBits(numbers[i]) >> Short.SIZE));
            }
            try (NDManager inner = scope.newSubManager()) {
                NDArray w = Bfloat16.view(inner, memory, new long[]{2, 3});
                NDArray x = inner.create(new float[]{1, 10, 100, 0, 0, 1}, new Shape(2, 3));

                assertThat(Bfloat16.linear(x, w, null).toFloatArray()).containsExactly(rounded(321, -546, 3, -6));
                memory.setAtIndex(ValueLayout.JAVA_SHORT, 5, (short) 0);
                assertThat(Bfloat16.linear(x, w, null).toFloatArray()).containsExactly(rounded(321, 54, 3, 0));
            }
        }
    }

    /** Factors of 8 bits are multiplied exactly and summed in fp32; what is left of a sum are 8 bits again. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void linearRoundsFactorsAndSums(boolean biased) {
        int in = 96;
        int out = 7;
        try (NDManager scope = Torch.newManager(Device.cpu())) {
            scope.getEngine().setRandomSeed(7);
            NDArray x = scope.randomNormal(new Shape(1, 5, in));
            NDArray w = scope.randomNormal(new Shape(out, in));
            NDArray bias = biased ? scope.randomNormal(new Shape(out)) : null;

            NDArray y = Bfloat16.linear(x, Bfloat16.round(w), bias);

            assertThat(y.getShape()).isEqualTo(new Shape(1, 5, out));
            float[] actual = y.toFloatArray();
            float[] a = x.toFloatArray();
            float[] b = w.toFloatArray();
            for (int i = 0; i < actual.length; i++) {
                double sum = 0;
                double magnitude = 0;
                for (int k = 0; k < in; k++) {
                    double term = (double) rounded(a[i / out * in + k]) * rounded(b[i % out * in + k]);
                    sum += term;
                    magnitude += Math.abs(term);
                }
                double added = biased ? bias.getFloat(i % out) : 0;
                assertThat((double) actual[i]).isCloseTo(sum + added, within(Math.abs(sum) / 256 + 1e-6 * magnitude));
                if (!biased) {
                    assertThat(Float.floatToIntBits(actual[i]) & 0xffff).as("bits behind the eighth").isZero();
                }
            }
        }
    }

    private static float[] rounded(float... numbers) {
        var rounded = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            rounded[i] = rounded(numbers[i]);
        }
        return rounded;
    }

    private static float rounded(float x) {
        int bits = Float.floatToIntBits(x);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >> 16 & 1) & 0xffff0000);
    }
}
