package io.espalier.pruning.recovery.data;

/** A data file that cannot be trained on; the message is for the user. */
public final class InvalidDataException extends RuntimeException {
    public InvalidDataException(String message) {
        super(message);
    }
}
