package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.JobSnapshot.Moment;
import io.espalier.protocol.request.PruningRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One accepted request and everything that followed from it. Only {@link #replay} makes the next state; it trusts its
 * events, and one that does not fit the state is a defect that it names.
 *
 * @param request     null once the job is {@link #archived}
 * @param submission  digest of the request, by which a second submission is recognised
 * @param stages      the pipeline; at most one stage is open, all before it are closed
 * @param revision    rises with every event
 * @param environment of the worker that measured, null before
 * @param timeline    the latest notable events
 * @param trace       null where the submission belonged to none
 */
public record Job(JobId id, PruningRequest request, String submission, JobState state, List<StageRun> stages,
        Instant submittedAt, Instant changedAt, long revision, ObjectNode environment, List<Moment> timeline,
        Trace trace) {
    public Job {
        stages = List.copyOf(stages);
        timeline = List.copyOf(timeline);
    }

    /** @param job null only before {@link JobEvent.JobAccepted} */
    public static Job replay(Job job, JobEvent event) {
        return switch (event) {
            case JobEvent.JobAccepted accepted -> accept(accepted);
            case JobEvent.WithoutEffect _ -> job;
            default -> job.apply(event).noted(event);
        };
    }

    static Job replay(Job job, List<JobEvent> events) {
        Job next = job;
        for (JobEvent event : events) {
            next = replay(next, event);
        }
        return next;
    }

    private static Job accept(JobEvent.JobAccepted accepted) {
        List<StageRun> stages = accepted.pipeline().stream().map(step -> StageRun.waiting(step.name(), step.step()))
                .toList();
        return new Job(accepted.job(), accepted.request(), accepted.submission(), new JobState.Running(), stages,
                accepted.at(), accepted.at(), 0, null, List.of(), accepted.trace()).noted(accepted);
    }

    private Job apply(JobEvent event) {
        return switch (event) {
            case JobEvent.StageOpened(int stage, Instant at) -> with(stage, stages.get(stage).opened(at));
            case JobEvent.StageClosed(int stage, Instant at) -> with(stage, stages.get(stage).close(at));
            case JobEvent.RoundOpened opened -> with(opened.stage(), stages.get(opened.stage()).fold(opened.round()));
            case JobEvent.TaskOpened opened -> open(opened);
            case JobEvent.TaskPublished(Task task, Instant _) -> task(task.id(), known -> known.published(task
                    .attempt()));
            case JobEvent.AttemptStarted started -> start(started);
            case JobEvent.AttemptProgressed progressed -> progress(progressed);
            case JobEvent.AttemptFailed failed -> task(failed.task(), task -> task.reached(failed.checkpoint())
                    .failed(failed.workerHint()).in(new TaskState.Waiting(failed.attempt() + 1, failed.retryAt())));
            case JobEvent.AttemptDrained drained -> task(drained.task(), task -> task.reached(drained.checkpoint())
                    .in(new TaskState.Waiting(drained.attempt() + 1, drained.at())));
            case JobEvent.AttemptHeld held -> task(held.task(), task -> task.reached(held.checkpoint())
                    .in(new TaskState.Waiting(held.attempt() + 1, held.at())));
            case JobEvent.AttemptTimedOut lost -> task(lost.task(), task -> task.failed(task.workerHint())
                    .in(new TaskState.Waiting(lost.attempt() + 1, lost.at())));
            case JobEvent.TaskDone done -> task(done.task(), task -> task.finished(new TaskState.Done(done.attempt(),
                    done.outputs(), done.facts(), done.usage(), done.fromCache())));
            case JobEvent.JobRetried retried -> in(next(retried)).traced(retried.at()).mapTasks(task -> requeue(task,
                    retried.at()));
            case JobEvent.StateChange change -> in(next(change));
            case JobEvent.WithoutEffect _ -> this;
            case JobEvent.JobAccepted _ -> throw misfit(event);
        };
    }

    /** The one table of what may follow what; the states themselves offer only legal transitions. */
    private JobState next(JobEvent event) {
        return switch (state) {
            case JobState.Running running -> switch (event) {
                case JobEvent.JobPaused _ -> running.pause();
                case JobEvent.JobSucceeded succeeded -> running.succeed(succeeded.at());
                case JobEvent.JobFailed failed -> running.fail(failed.problem(), failed.at());
                case JobEvent.JobCancelled cancelled -> running.cancel(cancelled.at());
                default -> throw misfit(event);
            };
            case JobState.Paused paused -> switch (event) {
                case JobEvent.JobResumed _ -> paused.resume();
                case JobEvent.JobFailed failed -> paused.fail(failed.problem(), failed.at());
                case JobEvent.JobCancelled cancelled -> paused.cancel(cancelled.at());
                default -> throw misfit(event);
            };
            case JobState.Succeeded succeeded when event instanceof JobEvent.JobDeleted -> succeeded.delete();
            case JobState.Failed failed when event instanceof JobEvent.JobRetried -> failed.retry();
            case JobState.Failed failed when event instanceof JobEvent.JobDeleted -> failed.delete();
            case JobState.Cancelled cancelled when event instanceof JobEvent.JobRetried -> cancelled.retry();
            case JobState.Cancelled cancelled when event instanceof JobEvent.JobDeleted -> cancelled.delete();
            default -> throw misfit(event);
        };
    }

    private Job open(JobEvent.TaskOpened opened) {
        int stage = opened.task().stage();
        return with(stage, stages.get(stage).with(TaskRun.opened(opened)));
    }

    private Job start(JobEvent.AttemptStarted started) {
        Job next = task(started.task(), task -> task.started(new TaskState.Working(started.attempt(),
                started.worker(), started.at(), started.at(), 0, 0, null)));
        return started.environment() == null
                ? next
                : new Job(id, request, submission, next.state, next.stages, submittedAt, changedAt, revision,
                        started.environment(), timeline, trace);
    }

    private Job progress(JobEvent.AttemptProgressed progressed) {
        return task(progressed.task(), task -> task.state() instanceof TaskState.Working working
                ? task.reached(progressed.checkpoint()).in(working.heard(progressed.at(), progressed.ratio(),
                        progressed.tokens(), progressed.message()))
                : task);
    }

    private static TaskRun requeue(TaskRun task, Instant at) {
        return switch (task.state()) {
            case TaskState.Done _ -> task;
            case TaskState.Queued queued -> task.forgiven().in(new TaskState.Waiting(queued.attempt() + 1, at));
            case TaskState.Working working -> task.forgiven().in(new TaskState.Waiting(working.attempt() + 1, at));
            case TaskState.Waiting waiting -> task.forgiven().in(new TaskState.Waiting(waiting.attempt(), at));
        };
    }

    private Job task(TaskId task, UnaryOperator<TaskRun> change) {
        StageRun stage = stages.get(task.stage());
        TaskRun known = stage.task(task).orElseThrow(() -> new IllegalStateException("job " + id + " has no open task "
                + task));
        return with(task.stage(), stage.with(change.apply(known)));
    }

    private Job mapTasks(UnaryOperator<TaskRun> change) {
        return withStages(stages.stream().map(stage -> stage.mapTasks(change)).toList());
    }

    private Job with(int index, StageRun stage) {
        List<StageRun> next = new ArrayList<>(stages);
        next.set(index, stage);
        return withStages(next);
    }

    private Job withStages(List<StageRun> next) {
        return new Job(id, request, submission, state, next, submittedAt, changedAt, revision, environment, timeline,
                trace);
    }

    private Job in(JobState next) {
        return new Job(id, request, submission, next, stages, submittedAt, changedAt, revision, environment, timeline,
                trace);
    }

    private Job traced(Instant since) {
        return new Job(id, request, submission, state, stages, submittedAt, changedAt, revision, environment, timeline,
                trace == null ? null : trace.again(since));
    }

    private Job noted(JobEvent event) {
        List<Moment> moments = Timeline.add(timeline, event, this);
        return new Job(id, request, submission, state, stages, submittedAt, event.at(), revision + 1, environment,
                moments, trace);
    }

    private IllegalStateException misfit(JobEvent event) {
        return new IllegalStateException("job " + id + " is " + state + ": " + event + " cannot follow; before it: "
                + timeline);
    }

    /** The stage that is open or comes next; empty when all are closed. */
    public Optional<StageRun> current() {
        return stages.stream().filter(stage -> !stage.closed()).findFirst();
    }

    Optional<TaskRun> task(TaskId task) {
        return task.stage() < stages.size() ? stages.get(task.stage()).task(task) : Optional.empty();
    }

    /** As the rest of the world names the state. */
    public JobSnapshot.State publicState() {
        return switch (state) {
            case JobState.Running _ -> JobSnapshot.State.RUNNING;
            case JobState.Paused _ -> JobSnapshot.State.PAUSED;
            case JobState.Succeeded _ -> JobSnapshot.State.SUCCEEDED;
            case JobState.Failed _ -> JobSnapshot.State.FAILED;
            case JobState.Cancelled _,JobState.Deleted _ -> JobSnapshot.State.CANCELLED;
        };
    }

    /** Whether tasks may still be done. */
    public boolean isOpen() {
        return JobState.isOpen(state);
    }

    /**
     * What must be remembered of the job: all of it while it may go on, hardly anything once it has succeeded, because
     * the log holds every job that was ever accepted and not deleted.
     */
    public Job archived() {
        return state instanceof JobState.Succeeded
                ? new Job(id, null, submission, state, List.of(), submittedAt, changedAt, revision, null, List.of(),
                        trace)
                : this;
    }
}
