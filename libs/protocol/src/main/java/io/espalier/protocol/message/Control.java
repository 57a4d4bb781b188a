package io.espalier.protocol.message;

import io.espalier.protocol.id.JobId;

/** Tells workers whether to go on with a job's tasks. Topic {@code espalier.control}, compacted, keyed by job. */
public record Control(JobId job, Wish wish) {
    public enum Wish {
        /** Work on. */
        RUN,
        /** Checkpoint, give the task back, take no more of this job. */
        HOLD,
        /** Drop the task. */
        STOP
    }
}
