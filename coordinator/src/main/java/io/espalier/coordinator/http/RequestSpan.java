package io.espalier.coordinator.http;

import io.espalier.platform.trace.SpanAttributes;
import io.espalier.platform.trace.TraceHeaders;
import io.espalier.platform.trace.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;

/**
 * Puts a request into the trace that its caller names. A span of its own is recorded where traces are wanted; otherwise the
 * caller's context goes on to the job as it came.
 */
final class RequestSpan implements Handler<RoutingContext> {
    private static final String KEY = RequestSpan.class.getName();
    private static final int SERVER_ERROR = 500;

    private final Tracing tracing;
    private final Operation operation;

    RequestSpan(Tracing tracing, Operation operation) {
        this.tracing = tracing;
        this.operation = operation;
    }

    /** What changes something; reading leaves no trace, and probes and streams would drown the others. */
    static boolean isFor(Operation operation) {
        return switch (operation) {
            case SUBMIT_JOB, DELETE_JOB, CANCEL_JOB, PAUSE_JOB, RESUME_JOB, RETRY_JOB, REPLAY_DEAD_LETTER -> true;
            default -> false;
        };
    }

    /** The trace that a request is part of; the root where there is none. */
    static Context contextOf(RoutingContext request) {
        Context context = request.get(KEY);
        return context == null ? Context.root() : context;
    }

    @Override
    public void handle(RoutingContext request) {
        Context caller = TraceHeaders.read(headers(request.request().headers()));
        request.put(KEY, tracing.isOn() ? caller.with(start(request, caller)) : caller);
        request.next();
    }

    private Span start(RoutingContext request, Context caller) {
        Span span = tracing.tracer().spanBuilder(operation.method() + " " + operation.path())
                .setSpanKind(SpanKind.SERVER).setParent(caller)
                .setAttribute(SpanAttributes.HTTP_METHOD, operation.method().name())
                .setAttribute(SpanAttributes.HTTP_ROUTE, operation.path())
                .setAttribute(SpanAttributes.URL_PATH, request.request().path()).startSpan();
        request.addEndHandler(_ -> {
            int status = request.response().getStatusCode();
            span.setAttribute(SpanAttributes.HTTP_STATUS, (long) status);
            if (status >= SERVER_ERROR) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        });
        return span;
    }

    private static Map<String, String> headers(MultiMap headers) {
        Map<String, String> values = new HashMap<>();
        for (String name : new String[]{TraceHeaders.PARENT, TraceHeaders.STATE}) {
            if (headers.contains(name)) {
                values.put(name, headers.get(name));
            }
        }
        return values;
    }
}
