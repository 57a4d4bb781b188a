package io.espalier.model.text;

/** A data file that cannot be read, or does not hold what is asked of it. */
public final class InvalidTextException extends RuntimeException {
    public InvalidTextException(String message) {
        super(message);
    }

    public InvalidTextException(String message, Throwable cause) {
        super(message, cause);
    }
}
