package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.coordinator.job.StageRun;
import io.espalier.coordinator.job.TaskRun;
import io.espalier.coordinator.trace.JobSpans;
import io.espalier.platform.trace.SpanAttributes;
import io.espalier.platform.trace.SpanIds;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.JobSnapshot;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/**
 * Records the spans of jobs, stages and tasks when they end, with the times that the job itself remembers: nothing is held
 * in memory in between, and whichever coordinator sees the end records it.
 */
public final class JobTraces implements JobObserver {
    private final Tracing tracing;
    private final JobSpans spans;

    public JobTraces(Tracing tracing, JobSpans spans) {
        this.tracing = tracing;
        this.spans = spans;
    }

    @Override
    public void happened(Job before, JobEvent event, Job after) {
        if (!tracing.isOn() || after.trace() == null) {
            return;
        }
        switch (event) {
            case JobEvent.TaskDone done -> task(after, taskOf(after, done.task()), done.at(), null);
            case JobEvent.StageClosed closed -> stage(after, closed.stage(), closed.at(), null);
            case JobEvent.JobSucceeded end -> run(after, end.at(), null);
            case JobEvent.JobFailed end -> broken(after, end.at(), end.problem().message());
            case JobEvent.JobCancelled end -> broken(after, end.at(), "cancelled");
            default -> {
                // begins or goes on
            }
        }
    }

    private static TaskRun taskOf(Job job, TaskId task) {
        return job.stages().get(task.stage()).task(task).orElseThrow();
    }

    /** What was under way ends with its job, and goes on under other ids if the job is tried again. */
    private void broken(Job job, Instant at, String reason) {
        for (int i = 0; i < job.stages().size(); i++) {
            StageRun stage = job.stages().get(i);
            if (stage.openedAt() != null && !stage.closed()) {
                stage.tasks().stream().filter(task -> !task.done()).forEach(task -> task(job, task, at, reason));
                stage(job, i, at, reason);
            }
        }
        run(job, at, reason);
    }

    private void task(Job job, TaskRun task, Instant at, String reason) {
        StageRun stage = job.stages().get(task.id().stage());
        record(job, "task " + stage.name(), spans.taskId(job, task.id()), spans.stage(job, task.id().stage()),
                task.openedAt() == null ? stage.openedAt() : task.openedAt(), at, reason,
                span -> span.setAttribute(SpanAttributes.STAGE, stage.name().name())
                        .setAttribute(SpanAttributes.TASK, task.id().toString())
                        .setAttribute(SpanAttributes.ATTEMPT, (long) task.attempts()));
    }

    private void stage(Job job, int index, Instant at, String reason) {
        StageRun stage = job.stages().get(index);
        record(job, "stage " + stage.name(), spans.stageId(job, index), spans.run(job), stage.openedAt(), at, reason,
                span -> span.setAttribute(SpanAttributes.STAGE, stage.name().name()));
    }

    private void run(Job job, Instant at, String reason) {
        record(job, "job", spans.runId(job), spans.submission(job), job.trace().since(), at, reason,
                span -> span.setAttribute(SpanAttributes.OUTCOME, job.publicState().name()));
    }

    /** Says what is particular of a span. */
    private interface Marks {
        void on(SpanBuilder span);
    }

    private void record(Job job, String name, String id, Context parent, Instant from, Instant to, String reason,
            Marks marks) {
        Instant since = job.trace().since();
        SpanBuilder builder = tracing.tracer().spanBuilder(name).setParent(parent)
                .setStartTimestamp(from.isBefore(since) ? since : from).setAttribute(SpanAttributes.JOB, job.id()
                        .value());
        marks.on(builder);
        Span span = SpanIds.start(id, builder);
        if (reason != null) {
            span.setStatus(StatusCode.ERROR, reason);
        }
        span.end(to);
    }

    @Override
    public void owned(Map<JobSnapshot.State, Integer> states, Collection<Job> open) {
        // told by the metrics
    }
}
