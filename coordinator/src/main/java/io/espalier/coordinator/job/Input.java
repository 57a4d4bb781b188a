package io.espalier.coordinator.job;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.request.PruningRequest;
import java.time.Instant;
import java.util.List;

/** What can happen to a job from outside; {@code at} is the only clock that a decision knows. */
public sealed interface Input {
    Instant at();

    /**
     * A valid request.
     *
     * @param submission digest of the request: equal for equal requests
     * @param trace      null where the submission belongs to none
     */
    record Submitted(JobId job, PruningRequest request, String submission, Trace trace, Instant at) implements Input {
        /** Without a trace. */
        public Submitted(JobId job, PruningRequest request, String submission, Instant at) {
            this(job, request, submission, null, at);
        }
    }

    /** Any other command. */
    record Commanded(Command command, Instant at) implements Input {}

    /** What a worker said about an attempt. */
    record Reported(TaskReport report, Instant at) implements Input {}

    /** It is the turn of some tasks of the job, see {@link Dispatcher}. */
    record Dispatched(List<TaskId> tasks, Instant at) implements Input {
        public Dispatched {
            tasks = List.copyOf(tasks);
        }
    }

    /** Time has passed: silent workers are given up. */
    record Ticked(Instant at) implements Input {}

    /** Deciding another input threw: the job cannot go on, but must not be stuck either. */
    record Defect(String message, String detail, Instant at) implements Input {}
}
