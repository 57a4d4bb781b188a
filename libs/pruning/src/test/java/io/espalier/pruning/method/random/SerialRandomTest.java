package io.espalier.pruning.method.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SerialRandomTest {
    /** First outputs of the reference splitmix64.c (Vigna) from state 1234567. */
    @Test
    void isSplitMix64() {
        SerialRandom random = new SerialRandom(1234567);

        assertThat(List.of(Long.toUnsignedString(random.nextLong()), Long.toUnsignedString(random.nextLong()),
                Long.toUnsignedString(random.nextLong())))
                .containsExactly("6457827717110365317", "3203168211198807973", "9817491932198370423");
    }

    @Test
    void goesOnFromItsState() {
        SerialRandom random = new SerialRandom(3);
        random.nextGaussian();
        random.sample(100, 7);
        SerialRandom copy = new SerialRandom(random.state());

        assertThat(copy.nextDouble()).isEqualTo(random.nextDouble());
    }

    @Test
    void samplesDistinctNumbersEvenly() {
        SerialRandom random = new SerialRandom(5);
        int[] counts = new int[10];
        for (int i = 0; i < 10_000; i++) {
            int[] sample = random.sample(10, 3);
            assertThat(Arrays.stream(sample).distinct().count()).isEqualTo(3);
            assertThat(sample).isSorted();
            Arrays.stream(sample).forEach(index -> counts[index]++);
        }

        assertThat(Arrays.stream(counts).asDoubleStream().boxed())
                .allSatisfy(count -> assertThat(count).isCloseTo(3000, within(150.0)));
        assertThat(random.sample(4, 4)).containsExactly(0, 1, 2, 3);
        assertThat(random.sample(4, 0)).isEmpty();
    }
}
