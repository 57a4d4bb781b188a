package io.espalier.evaluation.cost;

import java.util.stream.DoubleStream;

/**
 * Milliseconds of repeated runs.
 *
 * @param median        the middle one
 * @param firstQuartile half of the runs lie between this one …
 * @param thirdQuartile … and this one
 * @param standardError of the median
 */
public record Timing(double median, double firstQuartile, double thirdQuartile, double standardError) {
    /**
     * Of values of a normal distribution, a median has a standard error of sqrt(pi / 2) standard deviations by the root of
     * their number, and 1.349 standard deviations lie between quartiles. Quartiles, as one run that something else
     * held up shall not count.
     */
    private static final double ERROR_PER_RANGE = Math.sqrt(Math.PI / 2) / 1.349;

    static Timing of(DoubleStream millis) {
        double[] sorted = millis.sorted().toArray();
        double first = quantile(sorted, 0.25);
        double third = quantile(sorted, 0.75);
        return new Timing(quantile(sorted, 0.5), first, third, ERROR_PER_RANGE * (third - first) / Math.sqrt(
                sorted.length));
    }

    /** Between two values, in proportion (Hyndman and Fan's type 7). */
    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
