package io.espalier.model.forward;

/** Which gradients a backward pass hands out. */
public enum Gradients {
    /** One per block: of the mean over all sequences. */
    BATCH,
    /** One per block and sequence: of its own value, not divided by the number of sequences. */
    PER_SEQUENCE
}
