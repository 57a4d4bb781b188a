package io.espalier.platform.kafka;

/** A record is not what its topic carries; it belongs to the dead letters. */
public final class UnreadableEventException extends Exception {
    public UnreadableEventException(String message) {
        super(message);
    }

    public UnreadableEventException(String message, Throwable cause) {
        super(message, cause);
    }
}
