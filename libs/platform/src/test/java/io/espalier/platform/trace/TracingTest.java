package io.espalier.platform.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.espalier.platform.config.SettingException;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.topic.Topic;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class TracingTest {
    @Test
    void offUnlessTheStandardVariablesAskForIt() {
        assertThat(Tracing.isAsked(Map.of())).isFalse();
        assertThat(Tracing.isAsked(Map.of("OTEL_SERVICE_NAME", "x"))).isFalse();
        assertThat(Tracing.isAsked(Map.of("OTEL_TRACES_EXPORTER", "none", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://x")))
                .isFalse();
        assertThat(Tracing.isAsked(Map.of("OTEL_SDK_DISABLED", "true", "OTEL_TRACES_EXPORTER", "otlp"))).isFalse();
        assertThat(Tracing.isAsked(Map.of("OTEL_TRACES_EXPORTER", "otlp"))).isTrue();
        assertThat(Tracing.isAsked(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x"))).isTrue();
        assertThat(Tracing.isAsked(Map.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://x"))).isTrue();
    }

    @Test
    void offItRecordsNothing() {
        try (Tracing tracing = Tracing.from("espalier-test", Map.of())) {
            assertThat(tracing.isOn()).isFalse();
            assertThat(tracing.tracer().spanBuilder("nothing").startSpan().isRecording()).isFalse();
        }
    }

    @Test
    void spansReachTheEndpointThatTheVariablesName() throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(),
                    StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try (Tracing tracing = Tracing.from("espalier-test", Map.of("OTEL_EXPORTER_OTLP_ENDPOINT",
                "http://127.0.0.1:" + server.getAddress().getPort()))) {
            tracing.tracer().spanBuilder("work").startSpan().end();
        } finally {
            server.stop(0);
        }
        assertThat(received).singleElement().asString().contains("espalier-test", "work", "io.espalier");
    }

    @Test
    void whatCannotBeHadIsSaid() {
        assertThatThrownBy(() -> Tracing.from("espalier-test", Map.of("OTEL_TRACES_EXPORTER", "smoke-signals")))
                .isInstanceOf(SettingException.class).hasMessageContaining("smoke-signals");
    }

    @Test
    void idsFollowFromWhatTheyAreAbout() {
        String trace = "0af7651916cd43dd8448eb211c80319c";
        assertThat(SpanIds.of(trace, "task", "a")).matches("[0-9a-f]{16}").isEqualTo(SpanIds.of(trace, "task", "a"))
                .isNotEqualTo(SpanIds.of(trace, "task", "b")).isNotEqualTo(SpanIds.of(trace, "taska", ""));
    }

    @Test
    void contextTravelsInTheHeadersOfRecords() {
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        ProducerRecord<String, byte[]> record;
        try (Scope _ = TraceHeaders.ofEnvironment(Map.of("TRACEPARENT", parent, "TRACESTATE", "vendor=1"))
                .makeCurrent()) {
            record = encode();
        }
        Span read = Span.fromContext(TraceHeaders.read(record.headers()));
        assertThat(read.getSpanContext().getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(read.getSpanContext().getSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(read.getSpanContext().getTraceState().get("vendor")).isEqualTo("1");
        assertThat(encode().headers().lastHeader(TraceHeaders.PARENT)).as("outside of a trace").isNull();
    }

    @Test
    void whatIsNoContextIsIgnored() {
        assertThat(TraceHeaders.isTraced(TraceHeaders.read(Map.of(TraceHeaders.PARENT, "rubbish")))).isFalse();
        assertThat(TraceHeaders.read(Map.of())).isSameAs(Context.root());
    }

    private static ProducerRecord<String, byte[]> encode() {
        return new EventCodec("test").encode(Topic.REQUESTS, new JobId("job-1"), new Command.Cancel(new JobId(
                "job-1")));
    }
}
