package io.espalier.bench.macro;

import java.util.Arrays;
import java.util.Collection;

/** Percentiles of a sample: the smallest value that at least so many percent do not exceed (nearest rank). */
final class Percentiles {
    private final double[] sorted;

    Percentiles(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        sorted = values.stream().mapToDouble(v -> v).toArray();
        Arrays.sort(sorted);
    }

    double at(double percent) {
        int rank = (int) Math.ceil(percent / 100 * sorted.length);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }

    int count() {
        return sorted.length;
    }
}
