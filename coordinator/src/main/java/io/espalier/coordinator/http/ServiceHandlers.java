package io.espalier.coordinator.http;

import io.espalier.report.html.Page;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** What machines ask for: descriptions of the interface, metrics, health; and what the page needs to know. */
final class ServiceHandlers {
    private static final String OPENAPI = "/openapi.json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Buffer openApi;
    private final Buffer requestSchema;
    private final Map<String, String> about;
    private final PrometheusMeterRegistry registry;
    private final BooleanSupplier ready;

    ServiceHandlers(HttpConfig config, String requestSchema, PrometheusMeterRegistry registry,
            BooleanSupplier ready) {
        this.about = config.grafana() == null ? Map.of() : Map.of("grafana", config.grafana());
        this.openApi = resource(OPENAPI);
        this.requestSchema = Buffer.buffer(requestSchema);
        this.registry = registry;
        this.ready = ready;
    }

    private static Buffer resource(String name) {
        try (InputStream in = ServiceHandlers.class.getResourceAsStream(name)) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    void about(RoutingContext context) {
        Answers.send(context.response(), 200, Answers.JSON, about);
    }

    void chartsStyle(RoutingContext context) {
        Answers.send(context.response(), 200, "text/css; charset=utf-8", Buffer.buffer(Page.CHARTS));
    }

    void openApi(RoutingContext context) {
        Answers.send(context.response(), 200, "application/vnd.oai.openapi+json;version=3.1", openApi);
    }

    void requestSchema(RoutingContext context) {
        Answers.send(context.response(), 200, "application/schema+json", requestSchema);
    }

    void metrics(RoutingContext context) {
        Answers.send(context.response(), 200, PROMETHEUS, Buffer.buffer(registry.scrape()));
    }

    void live(RoutingContext context) {
        Answers.send(context.response(), 200, Answers.JSON, Map.of("status", "UP"));
    }

    void ready(RoutingContext context) {
        boolean up = ready.getAsBoolean();
        if (!up) {
            context.response().putHeader(HttpHeaders.RETRY_AFTER, "2");
        }
        Answers.send(context.response(), up ? 200 : 503, Answers.JSON, Map.of("status", up ? "UP" : "DOWN"));
    }
}
