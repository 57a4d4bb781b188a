package io.espalier.worker.task;

import io.espalier.platform.trace.SpanAttributes;
import io.espalier.platform.trace.SpanIds;
import io.espalier.platform.trace.TraceHeaders;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.Task;
import io.espalier.worker.task.Attempt.End;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.slf4j.MDC;

/**
 * What an attempt is called in traces and logs: its span, which hangs below its task's and is linked to the attempt before
 * it, and the keys that every line of the log has meanwhile ({@code job, stage, task, attempt, worker} and, in a trace,
 * {@code trace_id, span_id}).
 */
final class AttemptTrace {
    private final Span span;
    private final Context context;
    private final Map<String, String> keys;

    private AttemptTrace(Span span, Context context, Map<String, String> keys) {
        this.span = span;
        this.context = context;
        this.keys = keys;
    }

    /** @param headers of the task's record */
    static AttemptTrace start(Tracing tracing, WorkerId worker, Task task, int number, Headers headers) {
        Context parent = TraceHeaders.read(headers);
        Span span = tracing.isOn() ? span(tracing, worker, task, number, parent) : Span.fromContext(parent);
        return new AttemptTrace(span, parent.with(span), keys(worker, task, number, span.getSpanContext()));
    }

    private static Span span(Tracing tracing, WorkerId worker, Task task, int number, Context parent) {
        SpanContext above = Span.fromContext(parent).getSpanContext();
        SpanBuilder builder = tracing.tracer().spanBuilder("attempt " + task.stage()).setParent(parent)
                .setSpanKind(SpanKind.CONSUMER).setAttribute(SpanAttributes.MESSAGING_SYSTEM, "kafka")
                .setAttribute(SpanAttributes.OPERATION, "process")
                .setAttribute(SpanAttributes.JOB, task.id().job().value())
                .setAttribute(SpanAttributes.STAGE, task.stage().name())
                .setAttribute(SpanAttributes.TASK, task.id().toString())
                .setAttribute(SpanAttributes.ATTEMPT, (long) number)
                .setAttribute(SpanAttributes.WORKER, worker.value());
        if (!above.isValid()) {
            return builder.startSpan();
        }
        if (number > 1) {
            builder.addLink(SpanContext.createFromRemoteParent(above.getTraceId(), id(above, task.id(), number - 1),
                    above.getTraceFlags(), above.getTraceState()));
        }
        return SpanIds.start(id(above, task.id(), number), builder);
    }

    /** The worker of the attempt before may have died without a word, but its span's id is known. */
    private static String id(SpanContext trace, TaskId task, int number) {
        return SpanIds.of(trace.getTraceId(), "attempt", task.toString(), Integer.toString(number));
    }

    private static Map<String, String> keys(WorkerId worker, Task task, int number, SpanContext span) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("job", task.id().job().value());
        keys.put("stage", task.stage().name());
        keys.put("task", task.id().toString());
        keys.put("attempt", Integer.toString(number));
        keys.put("worker", worker.value());
        if (span.isValid()) {
            keys.put("trace_id", span.getTraceId());
            keys.put("span_id", span.getSpanId());
        }
        return keys;
    }

    /** Ends what {@link #mark} began. */
    interface Marks extends AutoCloseable {
        @Override
        void close();
    }

    /** Marks what the calling thread does until the marks are closed as part of this attempt. */
    Marks mark() {
        Scope scope = context.makeCurrent();
        Map<String, String> before = MDC.getCopyOfContextMap();
        keys.forEach(MDC::put);
        return () -> {
            MDC.setContextMap(before == null ? Map.of() : before);
            scope.close();
        };
    }

    /** The attempt could not even be started. */
    void failed(Throwable failure) {
        span.setAttribute(SpanAttributes.OUTCOME, Outcome.FAILED.label());
        span.setStatus(StatusCode.ERROR, Failures.messageOf(failure));
        span.end();
    }

    /** To be called once, unless {@link #failed} was. */
    void ended(Attempt attempt, Outcome outcome) {
        span.setAttribute(SpanAttributes.OUTCOME, outcome.label());
        span.setAttribute(SpanAttributes.TOKENS, attempt.context().tokens());
        if (outcome == Outcome.FAILED || outcome == Outcome.LEASE_LOST) {
            span.setStatus(StatusCode.ERROR, failure(attempt));
        }
        span.end();
    }

    private static String failure(Attempt attempt) {
        return attempt.hasEnded() && attempt.end() instanceof End.Threw threw
                ? Failures.messageOf(threw.failure())
                : "it did not come to an end";
    }
}
