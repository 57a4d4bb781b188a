package io.espalier.coordinator.log;

/** A command that was understood and cannot be obeyed. */
final class RefusedException extends Exception {
    RefusedException(String message) {
        super(message);
    }
}
