package io.espalier.protocol.message;

/** Decides what follows a failed attempt. */
public enum FailureKind {
    /** May go well elsewhere or later: I/O, a lost connection. Tried again with back-off. */
    TRANSIENT,
    /** The same anywhere: bad input, a bug. The job fails. */
    PERMANENT,
    /** Tried again with a smaller micro-batch. */
    OUT_OF_MEMORY,
    /** The worker was told to stop: the broker gives the task to another one. Does not count as a failure. */
    DRAINED,
    /** The job is paused: the task left the queue and is published again on resume. Does not count as a failure. */
    HELD
}
