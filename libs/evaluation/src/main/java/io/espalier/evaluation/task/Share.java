package io.espalier.evaluation.task;

/**
 * A share of right answers and its standard error, {@code s / sqrt(n)} with the sample deviation {@code s} (n - 1 below
 * the line), as the harness has it.
 *
 * @param stderr NaN for a single question
 */
public record Share(double value, double stderr) {
    static Share of(int right, int n) {
        double p = (double) right / n;
        // For values 0 and 1 the sum of squared differences from the mean is n p (1 - p).
        return new Share(p, n > 1 ? Math.sqrt(p * (1 - p) / (n - 1)) : Double.NaN);
    }
}
