package io.espalier.evaluation.likelihood;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReadingTest {
    @Test
    void readsACommonInputOnce() {
        List<Reading> readings = Reading.of(List.of(span(1, 7, 8, 2), span(1, 7, 8, 3), span(3, 7, 8, 2, 5, 6), span(
                1, 9, 9)));

        assertThat(readings).extracting(Reading::input).containsExactly(new int[]{7, 8, 2, 5}, new int[]{9});
        assertThat(readings.getFirst().parts()).usingRecursiveFieldByFieldElementComparator()
                .containsExactlyInAnyOrder(new Reading.Part(0, 1, new int[]{2}), new Reading.Part(1, 1, new int[]{3}),
                        new Reading.Part(2, 1, new int[]{2, 5, 6}));
    }

    @Test
    void cutsWavesAndMicroBatchesAtTheirLimits() {
        List<Reading> readings = Reading.of(List.of(span(1, new int[40]), filled(18, 1), filled(18, 2), filled(18,
                3)));
        // lengths 39 -> 48, 17 -> 32; d = 2: 384 and 256 bytes each
        List<Wave> waves = Wave.of(readings, new Limits(64, 384 + 2 * 256), 2, 512);

        assertThat(waves).hasSize(2);
        assertThat(waves.get(0).lengths()).containsExactly(48, 32);
        assertThat(waves.get(0).batches().get(1)).hasSize(2);
        assertThat(waves.get(1).batches()).hasSize(1);
        assertThat(waves.get(0).microBatches().get(1)[0]).hasSize(32);
        assertThat(Wave.of(readings, new Limits(64, 1), 2, 39).getFirst().lengths()).containsExactly(39);
    }

    @Test
    void wantsAContextAndAContinuation() {
        assertThatThrownBy(() -> span(0, 1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> span(2, 1, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Span filled(int length, int token) {
        int[] tokens = new int[length];
        java.util.Arrays.fill(tokens, token);
        return new Span(tokens, 1);
    }

    private static Span span(int targets, int... tokens) {
        return new Span(tokens, targets);
    }
}
