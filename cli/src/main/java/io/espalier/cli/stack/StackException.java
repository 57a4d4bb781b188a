package io.espalier.cli.stack;

/** A process of the stack does not start or does not stay; the message ends with the last lines of its log. */
public final class StackException extends Exception {
    private static final long serialVersionUID = 1;

    public StackException(String message) {
        super(message);
    }

    public StackException(String message, Throwable cause) {
        super(message, cause);
    }
}
