package io.espalier.bench.macro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Percentiles;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void percentilesAreOfTheNearestRank() {
        var hundred = new Percentiles(DoubleStream.iterate(100, v -> v - 1).limit(100).boxed().toList());
        assertThat(hundred.at(50)).isEqualTo(50);
        assertThat(hundred.at(99)).isEqualTo(99);
        assertThat(new Percentiles(List.of(3.0)).at(99)).isEqualTo(3);
    }

    @Test
    void theSlopeIsThatOfTheNearestLine() {
        assertThat(LeakBenchmark.slope(List.of(0.0, 1.0, 2.0, 3.0), List.of(1.0, 3.0, 5.0, 7.0)))
                .isCloseTo(2, within(1e-12));
        assertThat(LeakBenchmark.slope(List.of(0.0, 1.0, 2.0, 3.0), List.of(0.0, 1.0, 1.0, 0.0)))
                .isCloseTo(0, within(1e-12));
    }

    @Test
    void aLeakIsSeenAndWarmingUpIsNotOne() {
        double mebibyte = 1 << 20;
        List<Double> tasks = DoubleStream.iterate(0, v -> v + 100).limit(11).boxed().toList();
        List<Double> warming = tasks.stream().map(t -> (t == 0 ? 100 : 200) * mebibyte).toList();
        List<Double> leaking = tasks.stream().map(t -> 100 * mebibyte + t * 1024).toList();
        List<Figure> figures = LeakBenchmark.result(1000, tasks, warming, leaking).figures();
        assertThat(growth(figures, "native")).isZero();
        assertThat(growth(figures, "heap")).isCloseTo(1, within(1e-9));
    }

    private static double growth(List<Figure> figures, String what) {
        return figures.stream().filter(f -> f.name().startsWith("growth") && f.name().contains(what)).findFirst()
                .orElseThrow().value();
    }
}
