package io.espalier.coordinator.access;

/** A token that is not accepted; the message may be shown to its sender and never contains the token. */
@SuppressWarnings("serial")
public final class RejectedTokenException extends Exception {
    public RejectedTokenException(String message) {
        super(message);
    }
}
