package io.espalier.platform.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Span ids that follow from what a span is about. A span of a job outlives processes: whoever starts a child needs its id
 * before it ends, and whoever ends it may not be who began it.
 */
public final class SpanIds {
    /** Random ids, but for spans started by {@link #start}. */
    public static final IdGenerator GENERATOR = new IdGenerator() {
        private final IdGenerator random = IdGenerator.random();

        @Override
        public String generateSpanId() {
            return NEXT.isBound() ? NEXT.get() : random.generateSpanId();
        }

        @Override
        public String generateTraceId() {
            return random.generateTraceId();
        }
    };
    private static final ScopedValue<String> NEXT = ScopedValue.newInstance();

    private SpanIds() {}

    /** The id of what is named by some parts, in one trace. */
    public static String of(String traceId, String... parts) {
        byte[] digest = sha256((traceId + '\n' + String.join("\n", parts)).getBytes(StandardCharsets.UTF_8));
        String id = HexFormat.of().formatHex(digest, 0, SpanId.getLength() / 2);
        return SpanId.isValid(id) ? id : "0".repeat(SpanId.getLength() - 1) + "1";
    }

    /** Starts a span under a given id, where {@link #GENERATOR} is the tracer's. */
    public static Span start(String id, SpanBuilder builder) {
        return ScopedValue.where(NEXT, id).call(builder::startSpan);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
