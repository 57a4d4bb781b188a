package io.espalier.pruning.method.stream;

import io.espalier.pruning.method.Progress;

/** Carries an interruption out of callbacks that cannot throw it. */
public final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Stopped(InterruptedException cause) {
        super(cause);
    }

    /** Tells progress from inside a callback. */
    public static void at(Progress progress, double done, String message) {
        try {
            progress.at(done, message);
        } catch (InterruptedException e) {
            throw new Stopped(e);
        }
    }

    /** The interruption itself. */
    public InterruptedException interruption() {
        return (InterruptedException) getCause();
    }
}
