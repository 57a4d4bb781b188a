package io.espalier.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** What a collector is to the processes that export: keeps the spans that come by OTLP over HTTP. */
final class TraceReceiver implements AutoCloseable {
    /** @param parent empty for the first of a trace */
    record Received(String service, String name, String trace, String id, String parent, List<KeyValue> attributes) {
        String attribute(String key) {
            return attributes.stream().filter(pair -> pair.getKey().equals(key))
                    .map(pair -> pair.getValue().getStringValue()).findFirst().orElse(null);
        }
    }

    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();

    TraceReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Received> spans() {
        return List.copyOf(spans);
    }

    private void take(HttpExchange exchange) throws IOException {
        boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
        try (InputStream body = packed ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
            ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().forEach(this::keep);
        }
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    private void keep(ResourceSpans resource) {
        String service = resource.getResource().getAttributesList().stream()
                .filter(pair -> pair.getKey().equals("service.name")).map(pair -> pair.getValue().getStringValue())
                .findFirst().orElse("");
        resource.getScopeSpansList().forEach(scope -> scope.getSpansList().forEach(span -> spans.add(received(service,
                span))));
    }

    private static Received received(String service, Span span) {
        HexFormat hex = HexFormat.of();
        return new Received(service, span.getName(), hex.formatHex(span.getTraceId().toByteArray()), hex.formatHex(span
                .getSpanId().toByteArray()), hex.formatHex(span.getParentSpanId().toByteArray()),
                span.getAttributesList());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
