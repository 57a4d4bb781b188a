package io.espalier.coordinator.trace;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.Trace;
import io.espalier.platform.trace.SpanAttributes;
import io.espalier.platform.trace.SpanIds;
import io.espalier.platform.trace.TraceHeaders;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.id.TaskId;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.Headers;

/**
 * The spans of one job and how they hang together: submission, then one span per run of the job (a retry by a user starts
 * another), under it its stages, under them their tasks, under them the attempts that workers record.
 *
 * <p>Where this coordinator records nothing, what it hands on is what it was given.
 */
public final class JobSpans {
    private final Tracing tracing;

    public JobSpans(Tracing tracing) {
        this.tracing = tracing;
    }

    /** The trace of a submission; null where there is none and none is wanted. */
    public Trace accepted(Headers headers, String topic, String job, Instant at) {
        Context sender = TraceHeaders.read(headers);
        if (!tracing.isOn()) {
            return trace(sender, at);
        }
        Span span = tracing.tracer().spanBuilder("process " + topic).setSpanKind(SpanKind.CONSUMER).setParent(sender)
                .setAttribute(SpanAttributes.MESSAGING_SYSTEM, "kafka").setAttribute(SpanAttributes.DESTINATION, topic)
                .setAttribute(SpanAttributes.OPERATION, "process").setAttribute(SpanAttributes.JOB, job).startSpan();
        span.end();
        return trace(sender.with(span), at);
    }

    private static Trace trace(Context context, Instant at) {
        Map<String, String> values = new HashMap<>();
        TraceHeaders.write(context, values);
        String parent = values.get(TraceHeaders.PARENT);
        return parent == null ? null : new Trace(parent, values.get(TraceHeaders.STATE), at);
    }

    /** Where the job was submitted; the root where it has no trace. */
    public Context submission(Job job) {
        if (job.trace() == null) {
            return Context.root();
        }
        Map<String, String> values = new HashMap<>();
        values.put(TraceHeaders.PARENT, job.trace().parent());
        if (job.trace().state() != null) {
            values.put(TraceHeaders.STATE, job.trace().state());
        }
        return TraceHeaders.read(values);
    }

    /** In a run of the job. */
    public Context run(Job job) {
        return tracing.isOn() ? within(job, runId(job)) : submission(job);
    }

    public Context stage(Job job, int stage) {
        return tracing.isOn() ? within(job, stageId(job, stage)) : submission(job);
    }

    /** In a task: what its attempts hang below. */
    public Context task(Job job, TaskId task) {
        return tracing.isOn() ? within(job, taskId(job, task)) : submission(job);
    }

    private Context within(Job job, String spanId) {
        Context submission = submission(job);
        SpanContext above = Span.fromContext(submission).getSpanContext();
        return above.isValid()
                ? submission.with(Span.wrap(SpanContext.createFromRemoteParent(above.getTraceId(), spanId, above
                        .getTraceFlags(), above.getTraceState())))
                : submission;
    }

    public String runId(Job job) {
        return id(job, "run");
    }

    public String stageId(Job job, int stage) {
        return id(job, "stage", Integer.toString(stage));
    }

    public String taskId(Job job, TaskId task) {
        return id(job, "task", task.toString());
    }

    private String id(Job job, String what, String... which) {
        return SpanIds.of(Span.fromContext(submission(job)).getSpanContext().getTraceId(), what, job.id().value(), job
                .trace() == null ? "" : job.trace().since().toString(), String.join("/", which));
    }
}
