package io.espalier.bench.result;

import java.util.Arrays;
import java.util.Collection;

/** Percentiles of a sample: the smallest value that at least so many percent do not exceed (nearest rank). */
public final class Percentiles {
    private final double[] sorted;

    public Percentiles(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        sorted = values.stream().mapToDouble(v -> v).toArray();
        Arrays.sort(sorted);
    }

    public double at(double percent) {
        int rank = (int) Math.ceil(percent / 100 * sorted.length);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }

    public int count() {
        return sorted.length;
    }
}
