package io.espalier.platform.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** W3C Trace Context ({@code traceparent}, {@code tracestate}) in the headers of records. */
public final class TraceHeaders {
    public static final String PARENT = "traceparent";
    public static final String STATE = "tracestate";

    private static final TextMapPropagator W3C = W3CTraceContextPropagator.getInstance();

    private static final TextMapGetter<Headers> KAFKA = (headers, key) -> {
        Header header = headers.lastHeader(key);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    };
    private static final TextMapGetter<Map<String, String>> MAP = Map::get;

    private TraceHeaders() {}

    /** What a record says about its trace; the root where it says nothing that can be read. */
    public static Context read(Headers headers) {
        return W3C.extract(Context.root(), headers, KAFKA);
    }

    /** The same for a map with the keys {@link #PARENT} and {@link #STATE}. */
    public static Context read(Map<String, String> values) {
        return W3C.extract(Context.root(), values, MAP);
    }

    /** What the environment of a command says: {@code TRACEPARENT} and {@code TRACESTATE}, as build servers set them. */
    public static Context ofEnvironment(Map<String, String> environment) {
        return W3C.extract(Context.root(), environment,
                (variables, key) -> variables.get(key.toUpperCase(Locale.ROOT)));
    }

    /** Writes a context unless it has no trace. */
    public static void write(Context context, Headers headers) {
        if (isTraced(context)) {
            W3C.inject(context, headers, (carrier, key, value) -> carrier.remove(key).add(key, value.getBytes(
                    StandardCharsets.UTF_8)));
        }
    }

    public static void write(Context context, Map<String, String> values) {
        W3C.inject(context, values, (carrier, key, value) -> carrier.put(key, value));
    }

    public static boolean isTraced(Context context) {
        return Span.fromContext(context).getSpanContext().isValid();
    }
}
