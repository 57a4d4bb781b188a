package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a decision comes to. Replayed, events make the job's next state; the shell publishes what they say. */
public sealed interface JobEvent {
    Instant at();

    /**
     * A new job, with its stages as data.
     *
     * @param trace null where the submission belongs to none
     */
    record JobAccepted(JobId job, PruningRequest request, String submission, List<Pipeline.Step> pipeline, Trace trace,
            Instant at)
            implements
                JobEvent {
        public JobAccepted {
            pipeline = List.copyOf(pipeline);
        }
    }

    record StageOpened(int stage, Instant at) implements JobEvent {}

    /**
     * There is a task; it waits until it is its turn.
     *
     * @param effort see {@link TaskRun}
     */
    record TaskOpened(TaskId task, Work work, double effort, Instant at) implements JobEvent {}

    /** A task stands in its topic, for the first time or again. */
    record TaskPublished(Task task, Instant at) implements JobEvent {}

    record AttemptStarted(TaskId task, int attempt, WorkerId worker, ObjectNode environment, Instant at)
            implements
                JobEvent {}

    record AttemptProgressed(TaskId task, double ratio, long tokens, String message, ArtifactRef checkpoint, Instant at)
            implements
                JobEvent {}

    /**
     * An attempt came to nothing; the task waits for the next one.
     *
     * @param workerHint of the next attempt
     * @param retryAt    not before this
     */
    record AttemptFailed(TaskId task, int attempt, FailureKind kind, String message, ArtifactRef checkpoint,
            int workerHint, Instant retryAt, Instant at) implements JobEvent {}

    /** The worker had to go: the task left the queue, with what was done. */
    record AttemptDrained(TaskId task, int attempt, ArtifactRef checkpoint, Instant at) implements JobEvent {}

    /** The worker saw that the job is paused: the task left the queue, with what was done. */
    record AttemptHeld(TaskId task, int attempt, ArtifactRef checkpoint, Instant at) implements JobEvent {}

    /** Nobody has said anything about the attempt for too long. */
    record AttemptTimedOut(TaskId task, int attempt, WorkerId worker, Instant at) implements JobEvent {}

    record TaskDone(TaskId task, int attempt, WorkerId worker, Map<String, ArtifactRef> outputs, ObjectNode facts,
            TaskReport.Usage usage, boolean fromCache, Instant at) implements JobEvent {
        public TaskDone {
            outputs = Map.copyOf(outputs);
        }
    }

    /** An iterative stage goes on to its next round; older rounds are only counted from now on. */
    record RoundOpened(int stage, int round, Instant at) implements JobEvent {}

    record StageClosed(int stage, Instant at) implements JobEvent {}

    /** The job goes to another {@link JobState}. */
    sealed interface StateChange extends JobEvent {}

    record JobPaused(Instant at) implements StateChange {}

    record JobResumed(Instant at) implements StateChange {}

    record JobSucceeded(Instant at) implements StateChange {}

    record JobFailed(JobSnapshot.Problem problem, Instant at) implements StateChange {}

    record JobCancelled(Instant at) implements StateChange {}

    record JobRetried(Instant at) implements StateChange {}

    record JobDeleted(Instant at) implements StateChange {}

    /** Told to operators, and changes nothing. */
    sealed interface WithoutEffect extends JobEvent {}

    /** A late or doubled report. */
    record ReportDropped(TaskReport report, String reason, Instant at) implements WithoutEffect {}

    /** A command that cannot be obeyed. */
    record CommandRefused(String command, String reason, Instant at) implements WithoutEffect {}
}
