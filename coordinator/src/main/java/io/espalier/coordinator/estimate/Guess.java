package io.espalier.coordinator.estimate;

import io.espalier.protocol.message.JobEstimate;

/**
 * A positive quantity that is not known: log-normal, which is how durations spread.
 *
 * @param logMedian of seconds
 * @param spread    standard deviation of the logarithm
 * @param basis     what it rests on, for people
 */
record Guess(double logMedian, double spread, String basis) {
    /** Four of five values of a normal distribution lie within this many standard deviations. */
    private static final double FOUR_OF_FIVE = 1.2816;

    static Guess of(double seconds, double spread, String basis) {
        return new Guess(Math.log(Math.max(seconds, 1e-3)), spread, basis);
    }

    double median() {
        return Math.exp(logMedian);
    }

    /** Standard deviation in seconds, near enough for sums. */
    double deviation() {
        return median() * Math.min(spread, 1.5);
    }

    JobEstimate.Range range() {
        return new JobEstimate.Range(Math.exp(logMedian - FOUR_OF_FIVE * spread), Math.exp(logMedian + FOUR_OF_FIVE
                * spread));
    }

    /** Two independent guesses at the same thing: each weighs by its precision. */
    Guess and(Guess other) {
        double mine = 1 / (spread * spread);
        double others = 1 / (other.spread * other.spread);
        return new Guess((mine * logMedian + others * other.logMedian) / (mine + others), Math.sqrt(1 / (mine
                + others)), mine >= others ? basis : other.basis);
    }

    /** A range around {@code seconds}, never below zero. */
    static JobEstimate.Range range(double seconds, double deviation) {
        return new JobEstimate.Range(Math.max(0, seconds - FOUR_OF_FIVE * deviation), seconds + FOUR_OF_FIVE
                * deviation);
    }
}
