package io.espalier.evaluation;

/** Hears how far an evaluation is, after each micro-batch; may end it. */
@FunctionalInterface
public interface Progress {
    /** For those who do not care. */
    Progress NONE = (ratio, tokens) -> {};

    /**
     * @param ratio  share done, 0 to 1
     * @param tokens tokens finished since the last call
     * @throws InterruptedException to end the evaluation
     */
    void advanced(double ratio, long tokens) throws InterruptedException;
}
