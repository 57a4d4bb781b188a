package io.espalier.model.config;

/** A checkpoint that contradicts itself: a missing key, a lying header, a truncated file, a wrong shape, a NaN. */
public final class InvalidCheckpointException extends RuntimeException {
    public InvalidCheckpointException(String message) {
        super(message);
    }

    public InvalidCheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
