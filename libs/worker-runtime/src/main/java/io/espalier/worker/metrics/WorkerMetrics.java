package io.espalier.worker.metrics;

import io.espalier.artifacts.ArtifactMeter;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.worker.task.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** Every meter of the workers: name, unit, tags and help text are written here and nowhere else. */
public final class WorkerMetrics implements AutoCloseable {
    /** {@code espalier_tasks_running{kind}} */
    public static final String TASKS_RUNNING = "espalier.tasks.running";
    /** {@code espalier_task_wait_seconds{stage}}: from publication to start. */
    public static final String TASK_WAIT = "espalier.task.wait";
    /** {@code espalier_task_duration_seconds{stage,outcome}} */
    public static final String TASK_DURATION = "espalier.task.duration";
    /** {@code espalier_attempts_total{stage,outcome}} */
    public static final String ATTEMPTS = "espalier.attempts";
    /** {@code espalier_tokens_total{stage}} */
    public static final String TOKENS = "espalier.tokens";
    /** {@code espalier_memory_bytes{area}} */
    public static final String MEMORY = "espalier.memory";
    /** {@code espalier_artifact_bytes_total{direction}} */
    public static final String ARTIFACT_BYTES = "espalier.artifact.bytes";
    /** {@code espalier_worker_info{kind,device}} */
    public static final String WORKER_INFO = "espalier.worker.info";

    private static final Duration[] DURATIONS = {Duration.ofMillis(10), Duration.ofMillis(100), Duration.ofSeconds(1),
        Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofMinutes(1), Duration.ofMinutes(5),
        Duration.ofMinutes(15), Duration.ofHours(1), Duration.ofHours(4), Duration.ofHours(12)};

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final WorkerKind kind;
    private final AtomicInteger running = new AtomicInteger();
    private final MeterProvider<Timer> waits;
    private final MeterProvider<Timer> durations;
    private final MeterProvider<Counter> attempts;
    private final MeterProvider<Counter> tokens;
    private final MeterProvider<Counter> artifactBytes;

    public WorkerMetrics(WorkerKind kind) {
        this.kind = kind;
        Gauge.builder(TASKS_RUNNING, running, AtomicInteger::get).tag("kind", kind.label())
                .description("Tasks that this worker is working on.").register(registry);
        waits = Timer.builder(TASK_WAIT).description("Time from a task's publication to the start of an attempt.")
                .serviceLevelObjectives(DURATIONS).withRegistry(registry);
        durations = Timer.builder(TASK_DURATION).description("Wall time of attempts.")
                .serviceLevelObjectives(DURATIONS).withRegistry(registry);
        attempts = Counter.builder(ATTEMPTS).description("Attempts that ended.").withRegistry(registry);
        tokens = Counter.builder(TOKENS).description("Tokens worked on.").withRegistry(registry);
        artifactBytes = Counter.builder(ARTIFACT_BYTES).baseUnit("bytes")
                .description("Bytes read from and written to the artifact store.").withRegistry(registry);
        List.<MeterBinder>of(new JvmMemoryMetrics(), new JvmThreadMetrics(), new ClassLoaderMetrics(),
                garbageCollection, new ProcessorMetrics(), new FileDescriptorMetrics(), new UptimeMetrics())
                .forEach(this::bind);
        memory("rss", ProcessMemory::resident);
        memory("heap", () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        memory("native", ProcessMemory::outsideHeap);
    }

    /** Further meters, such as those of a Kafka client. */
    public void bind(MeterBinder binder) {
        binder.bindTo(registry);
    }

    /** Says once which device the worker computes on. */
    public void device(String name) {
        Gauge.builder(WORKER_INFO, () -> 1).tag("kind", kind.label()).tag("device", name)
                .description("Always 1; what this worker is.").register(registry);
    }

    /** Memory of the device, for workers that have one apart from the process's own. */
    public void deviceMemory(LongSupplier used, LongSupplier total) {
        memory("device_used", used);
        memory("device_total", total);
    }

    private void memory(String area, LongSupplier bytes) {
        Gauge.builder(MEMORY, bytes, LongSupplier::getAsLong).baseUnit("bytes").tag("area", area)
                .description("Memory in use, by area.").register(registry);
    }

    public void attemptStarted(StageName stage, Duration waited) {
        running.incrementAndGet();
        waits.withTag("stage", label(stage)).record(waited);
    }

    public void attemptEnded(StageName stage, Outcome outcome, Duration took) {
        running.decrementAndGet();
        durations.withTags("stage", label(stage), "outcome", outcome.label()).record(took);
        attempts.withTags("stage", label(stage), "outcome", outcome.label()).increment();
    }

    public void tokens(StageName stage, long count) {
        tokens.withTag("stage", label(stage)).increment(count);
    }

    /** For the artifact store. */
    public ArtifactMeter artifacts() {
        Counter in = artifactBytes.withTag("direction", "read");
        Counter out = artifactBytes.withTag("direction", "written");
        return new ArtifactMeter() {
            @Override
            public void written(long bytes) {
                out.increment(bytes);
            }

            @Override
            public void read(long bytes) {
                in.increment(bytes);
            }
        };
    }

    /** All meters in Prometheus' text form. */
    public String scrape() {
        return registry.scrape();
    }

    private static String label(StageName stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
