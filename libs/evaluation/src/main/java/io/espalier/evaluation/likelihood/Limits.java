package io.espalier.evaluation.likelihood;

/**
 * How much goes through a model at once.
 *
 * @param microBatchTokens tokens that pass a block together
 * @param activationBytes  activations that stand between two blocks; more sequences go in a later wave, and the blocks are
 *                         streamed once per wave
 */
public record Limits(int microBatchTokens, long activationBytes) {
    private static final Limits STANDARD = new Limits(2048, 512L << 20);

    public Limits {
        if (microBatchTokens < 1 || activationBytes < 1) {
            throw new IllegalArgumentException("limits must be positive: " + microBatchTokens + " tokens, "
                    + activationBytes + " bytes");
        }
    }

    public static Limits standard() {
        return STANDARD;
    }

    /** Smaller ones, after a failure for want of memory. */
    public Limits dividedBy(int divisor) {
        return new Limits(Math.max(1, microBatchTokens / divisor), Math.max(1, activationBytes / divisor));
    }
}
