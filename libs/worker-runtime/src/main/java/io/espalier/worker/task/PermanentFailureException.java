package io.espalier.worker.task;

/** The same would happen anywhere: bad input, an unsupported model. The message is for the user. */
public final class PermanentFailureException extends Exception {
    public PermanentFailureException(String message) {
        super(message);
    }

    public PermanentFailureException(String message, Throwable cause) {
        super(message, cause);
    }
}
