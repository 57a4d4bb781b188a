package io.espalier.artifacts;

import java.io.IOException;

/** A place that will not be readable however often one tries, and what a person can do about it. */
public final class UnreadablePlaceException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnreadablePlaceException(String message) {
        super(message);
    }

    public UnreadablePlaceException(String message, Throwable cause) {
        super(message, cause);
    }
}
