package io.espalier.pruning.recovery;

/** Training left the realm of numbers; the message is for the user. */
public final class DivergedException extends RuntimeException {
    public DivergedException(String message) {
        super(message);
    }
}
