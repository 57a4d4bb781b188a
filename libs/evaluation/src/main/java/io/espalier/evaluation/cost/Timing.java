package io.espalier.evaluation.cost;

import java.util.stream.DoubleStream;

/** Milliseconds of repeated runs: the middle one, and between which values half of them lie. */
public record Timing(double median, double firstQuartile, double thirdQuartile) {
    static Timing of(DoubleStream millis) {
        double[] sorted = millis.sorted().toArray();
        return new Timing(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75));
    }

    /** Between two values, in proportion (Hyndman and Fan's type 7). */
    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
