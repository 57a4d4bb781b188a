package io.espalier.worker.task;

/** Why an attempt must end before its work is done. */
enum StopReason {
    /** The job was cancelled: drop everything. */
    CANCELLED(false, Outcome.CANCELLED),
    /** Somebody else may have the task by now: drop everything. */
    LEASE_LOST(false, Outcome.LEASE_LOST),
    /** The job is paused: checkpoint, give the task back. */
    HELD(true, Outcome.DRAINED),
    /** This worker must go: checkpoint, give the task back. */
    DRAINED(true, Outcome.DRAINED);

    private final boolean checkpointFirst;
    private final Outcome outcome;

    StopReason(boolean checkpointFirst, Outcome outcome) {
        this.checkpointFirst = checkpointFirst;
        this.outcome = outcome;
    }

    /** Whether the handler may still write a checkpoint. */
    boolean checkpointFirst() {
        return checkpointFirst;
    }

    Outcome outcome() {
        return outcome;
    }
}
