package io.espalier.coordinator.job;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.Work;
import java.time.Instant;
import java.util.Comparator;

/**
 * A task and what became of it so far.
 *
 * @param work          null once it is done: nobody will ask again
 * @param failures      attempts that came to nothing since the last checkpoint
 * @param workerHint    divisor of the micro-batch
 * @param checkpoint    where the next attempt goes on from, null if there is none
 * @param attempts      attempts started
 * @param queuedSeconds sum over attempts: from when it could be started to its start
 * @param openedAt      when its stage opened it; null in what an older version wrote
 * @param effort        what it takes beside the other tasks of its round, in a unit of theirs ({@link Effort}); 0 where
 *                      that is not known
 */
public record TaskRun(TaskId id, Work work, TaskState state, int failures, int workerHint, ArtifactRef checkpoint,
        int attempts, double queuedSeconds, Instant openedAt, double effort) {
    /**
     * Whose turn it is within a round: if the long ones begin first, the last ones to end are short, and workers end
     * nearly together (Graham 1969). Equals keep their order. What times models comes last, however long: in a process that
     * is warm, and while least else is left to do.
     */
    static final Comparator<TaskRun> BY_TURN = Comparator.comparing((TaskRun task) -> task.work() instanceof Work.Cost)
            .thenComparing(Comparator.comparingDouble(TaskRun::effort).reversed());

    static TaskRun opened(JobEvent.TaskOpened opened) {
        return new TaskRun(opened.task(), opened.work(), new TaskState.Waiting(1, opened.at()), 0, 1, null, 0, 0, opened
                .at(), opened.effort());
    }

    /** The record that stands for the next attempt. */
    Task task(StageName stage, boolean fresh, Instant at) {
        return new Task(id, stage, work, state.attempt(), workerHint, checkpoint, at, fresh);
    }

    /** Whether it may be published as far as it is concerned. */
    boolean isDue(Instant now) {
        return state instanceof TaskState.Waiting waiting && !waiting.until().isAfter(now);
    }

    /** It stands in its topic; what it waited before counts as waiting. */
    TaskRun published(int attempt) {
        if (state instanceof TaskState.Waiting waiting) {
            return in(new TaskState.Queued(attempt, waiting.until()));
        }
        throw new IllegalStateException("task " + id + " is " + state + " and cannot be published");
    }

    public boolean done() {
        return state instanceof TaskState.Done;
    }

    /** Share done, 0 to 1. */
    double ratio() {
        return switch (state) {
            case TaskState.Done _ -> 1;
            case TaskState.Working working -> working.ratio();
            case TaskState.Queued _,TaskState.Waiting _ -> 0;
        };
    }

    TaskRun in(TaskState next) {
        return new TaskRun(id, work, next, failures, workerHint, checkpoint, attempts, queuedSeconds, openedAt, effort);
    }

    /** An attempt begins; one that was thought to be under way has come to nothing. */
    TaskRun started(TaskState.Working working) {
        double waited = state instanceof TaskState.Queued(int _, Instant since)
                ? seconds(since, working.startedAt())
                : 0;
        int lost = state instanceof TaskState.Working ? 1 : 0;
        return new TaskRun(id, work, working, failures + lost, workerHint, checkpoint, attempts + 1,
                queuedSeconds + waited, openedAt, effort);
    }

    /** A new checkpoint is progress: whatever failed before it no longer counts. */
    TaskRun reached(ArtifactRef point) {
        return point == null || point.equals(checkpoint)
                ? this
                : new TaskRun(id, work, state, 0, workerHint, point, attempts, queuedSeconds, openedAt, effort);
    }

    TaskRun failed(int hint) {
        return new TaskRun(id, work, state, failures + 1, hint, checkpoint, attempts, queuedSeconds, openedAt, effort);
    }

    TaskRun finished(TaskState.Done done) {
        return new TaskRun(id, null, done, failures, workerHint, null, attempts, queuedSeconds, openedAt, effort);
    }

    /** A user asked for another try: the count starts anew. */
    TaskRun forgiven() {
        return new TaskRun(id, work, state, 0, workerHint, checkpoint, attempts, queuedSeconds, openedAt, effort);
    }

    static double seconds(Instant from, Instant to) {
        return Math.max(0, java.time.Duration.between(from, to).toMillis() / 1000.0);
    }
}
