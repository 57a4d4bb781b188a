package io.espalier.evaluation.cost;

import java.util.stream.DoubleStream;

/** The middle value, or the mean of the two in the middle. */
final class Median {
    private Median() {}

    static double of(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int n = sorted.length;
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
