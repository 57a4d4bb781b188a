package io.espalier.model.forward;

/** Which gradients a backward pass hands out. */
public enum Gradients {
    /** One per block: of the mean over all sequences. */
    BATCH,
    /** One per block and sequence: of its own value, not divided by the number of sequences. */
    PER_SEQUENCE;

    /** @throws IllegalArgumentException if they cannot be had in these micro-batches, or not all that a visitor wants */
    void check(MicroBatches tokens, GradientVisitor visitor) {
        if (this == PER_SEQUENCE && tokens.count() != tokens.sequences()) {
            throw new IllegalArgumentException("gradients per sequence need micro-batches of 1");
        }
        if (this == PER_SEQUENCE && visitor.wantsOuter()) {
            throw new IllegalArgumentException("embedding and head have no gradients per sequence");
        }
    }
}
