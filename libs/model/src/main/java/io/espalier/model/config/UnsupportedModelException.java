package io.espalier.model.config;

/** A sound checkpoint that this decoder does not know how to run; the message names the key, the value and what would do. */
public final class UnsupportedModelException extends RuntimeException {
    public UnsupportedModelException(String message) {
        super(message);
    }
}
