package io.espalier.platform.trace;

import io.espalier.platform.config.SettingException;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The only class that knows the SDK, so that it is loaded only where traces are wanted. */
record SdkSetup(OpenTelemetrySdk telemetry) {
    private static final int LAST_SPANS_SECONDS = 5;

    /** Metrics are Prometheus' and logs are lines on standard error, unless somebody asks for more. */
    private static Map<String, String> defaults(String service) {
        return Map.of("otel.service.name", service, "otel.metrics.exporter", "none", "otel.logs.exporter", "none",
                "otel.exporter.otlp.protocol", "http/protobuf");
    }

    static SdkSetup of(String service, Map<String, String> environment) {
        try {
            return new SdkSetup(AutoConfiguredOpenTelemetrySdk.builder().disableShutdownHook()
                    .addPropertiesSupplier(() -> defaults(service)).addPropertiesCustomizer(_ -> standard(environment))
                    .addTracerProviderCustomizer((provider, _) -> provider.setIdGenerator(SpanIds.GENERATOR))
                    .build().getOpenTelemetrySdk());
        } catch (ConfigurationException e) {
            throw new SettingException("OTEL_*: " + e.getMessage());
        }
    }

    /** {@code OTEL_TRACES_EXPORTER} is the property {@code otel.traces.exporter}. */
    private static Map<String, String> standard(Map<String, String> environment) {
        return environment.entrySet().stream().filter(entry -> entry.getKey().startsWith("OTEL_"))
                .collect(Collectors.toMap(entry -> entry.getKey().toLowerCase(Locale.ROOT).replace('_', '.'),
                        Map.Entry::getValue));
    }

    void close() {
        telemetry.shutdown().join(LAST_SPANS_SECONDS, TimeUnit.SECONDS);
    }
}
