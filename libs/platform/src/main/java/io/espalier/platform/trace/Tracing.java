package io.espalier.platform.trace;

import io.espalier.platform.config.SettingException;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import java.util.Map;

/**
 * The tracer of a process. Off, it is the API's own no-operation: no class of the SDK is loaded, and context that others
 * started still travels through.
 */
public final class Tracing implements AutoCloseable {
    private static final String SCOPE = "io.espalier";

    private final boolean on;
    private final Tracer tracer;
    private final Runnable close;

    private Tracing(boolean on, OpenTelemetry telemetry, Runnable close) {
        this.on = on;
        this.tracer = telemetry.getTracer(SCOPE);
        this.close = close;
    }

    public static Tracing off() {
        return new Tracing(false, OpenTelemetry.noop(), () -> {});
    }

    /** With a telemetry that somebody else closes; its ids should be {@link SpanIds}. */
    public static Tracing with(OpenTelemetry telemetry) {
        return new Tracing(true, telemetry, () -> {});
    }

    /**
     * As the standard variables ask: on when an exporter of traces or an OTLP endpoint is named.
     *
     * @param service     the service's name unless {@code OTEL_SERVICE_NAME} gives one
     * @param environment of the process
     * @throws SettingException if what they ask for cannot be had
     */
    public static Tracing from(String service, Map<String, String> environment) {
        if (!isAsked(environment)) {
            return off();
        }
        SdkSetup sdk = SdkSetup.of(service, environment);
        return new Tracing(true, sdk.telemetry(), sdk::close);
    }

    static boolean isAsked(Map<String, String> environment) {
        if (Boolean.parseBoolean(environment.get("OTEL_SDK_DISABLED"))) {
            return false;
        }
        String exporter = environment.getOrDefault("OTEL_TRACES_EXPORTER", "").strip();
        return exporter.isEmpty()
                ? named(environment, "OTEL_EXPORTER_OTLP_ENDPOINT")
                        || named(environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
                : !exporter.equals("none");
    }

    private static boolean named(Map<String, String> environment, String variable) {
        return !environment.getOrDefault(variable, "").isBlank();
    }

    /** Whether spans are recorded here. */
    public boolean isOn() {
        return on;
    }

    public Tracer tracer() {
        return tracer;
    }

    /** Sends what is left; gives up after some seconds where nobody answers. */
    @Override
    public void close() {
        close.run();
    }
}
