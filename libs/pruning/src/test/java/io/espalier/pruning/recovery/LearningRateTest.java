package io.espalier.pruning.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void risesFromZeroAndFallsToZero() {
        var rate = new LearningRate(2e-3, 5, 20);
        assertThat(rate.at(0)).isZero();
        assertThat(rate.at(3)).isCloseTo(1.2e-3, within(1e-12));
        assertThat(rate.at(5)).isEqualTo(2e-3);
        assertThat(rate.at(19)).isCloseTo(2e-3 / 15, within(1e-12));
        assertThat(rate.at(20)).isZero();
    }

    @Test
    void startsAtThePeakWithoutWarmUp() {
        assertThat(new LearningRate(1e-4, 0, 10).at(0)).isEqualTo(1e-4);
    }
}
