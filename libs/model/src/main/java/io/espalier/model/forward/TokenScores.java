package io.espalier.model.forward;

import java.util.Arrays;

/**
 * How well a model predicted given targets.
 *
 * @param logProbability natural logarithm, one per target
 * @param greedy         whether the target had the highest logit; ties count as not
 */
public record TokenScores(double[] logProbability, boolean[] greedy) {
    /** Targets {@code from..to-1}. */
    public TokenScores part(int from, int to) {
        return new TokenScores(Arrays.copyOfRange(logProbability, from, to), Arrays.copyOfRange(greedy, from, to));
    }

    /** Negative log-likelihood in nats, summed in order. */
    public double nll() {
        double sum = 0;
        for (double p : logProbability) {
            sum -= p;
        }
        return sum;
    }
}
