package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.espalier.platform.trace.SpanAttributes;
import io.espalier.platform.trace.SpanIds;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

/** The span of an attempt and the keys of its log, over a real broker. */
class AttemptTraceTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String TASK_SPAN = "b7ad6b7169203331";

    @TempDir
    Path folder;
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new TestCluster(folder, Duration.ofSeconds(2));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void hangsBelowItsTaskAndIsLinkedToTheAttemptBefore() throws Exception {
        cluster.tracing = tracing();
        AtomicReference<String> current = new AtomicReference<>();
        cluster.startWorker((work, context) -> {
            current.set(Span.current().getSpanContext().getSpanId());
            throw new PermanentFailureException("no such thing");
        });
        JobId job = TestCluster.newJob();
        Task task = TestCluster.task(job, TestCluster.work("traced"));
        publish(task);
        assertThat(cluster.awaitReport(job, TaskReport.Failed.class).kind()).isEqualTo(FailureKind.PERMANENT);
        publish(new Task(task.id(), task.stage(), task.work(), 2, 1, null, task.publishedAt(), false));
        List<SpanData> spans = await().until(exporter::getFinishedSpanItems, all -> all.size() == 2);

        assertThat(spans).allSatisfy(span -> {
            assertThat(span.getTraceId()).isEqualTo(TRACE);
            assertThat(span.getParentSpanId()).isEqualTo(TASK_SPAN);
            assertThat(span.getName()).isEqualTo("attempt EVALUATE");
            assertThat(span.getAttributes().get(SpanAttributes.JOB)).isEqualTo(job.value());
            assertThat(span.getAttributes().get(SpanAttributes.STAGE)).isEqualTo("EVALUATE");
            assertThat(span.getAttributes().get(SpanAttributes.TASK)).isEqualTo(task.id().toString());
            assertThat(span.getAttributes().get(SpanAttributes.WORKER)).isEqualTo("worker-0");
            assertThat(span.getAttributes().get(SpanAttributes.OUTCOME)).isEqualTo("failed");
            assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
            assertThat(span.getStatus().getDescription()).isEqualTo("no such thing");
        });
        assertThat(spans).extracting(span -> span.getAttributes().get(SpanAttributes.ATTEMPT)).containsExactly(1L, 2L);
        assertThat(spans.getFirst().getLinks()).isEmpty();
        assertThat(spans.getLast().getLinks()).extracting(LinkData::getSpanContext).extracting(SpanContext::getSpanId)
                .containsExactly(spans.getFirst().getSpanId());
        assertThat(current.get()).as("what the handler does is part of it").isEqualTo(spans.getLast().getSpanId());
    }

    @Test
    void everyLineOfTheHandlersLogSaysWhatItIsAbout() throws Exception {
        AtomicReference<Map<String, String>> keys = new AtomicReference<>();
        cluster.startWorker((work, context) -> {
            keys.set(MDC.getCopyOfContextMap());
            return new TaskResult(Map.of(), null);
        });
        JobId job = TestCluster.newJob();
        Task task = TestCluster.task(job, TestCluster.work("logged"));
        publish(task);
        cluster.awaitReport(job, TaskReport.Succeeded.class);

        assertThat(keys.get()).containsAllEntriesOf(Map.of("job", job.value(), "stage", "EVALUATE", "task",
                task.id().toString(), "attempt", "1", "worker", "worker-0", "trace_id", TRACE));
        assertThat(exporter.getFinishedSpanItems()).as("nobody asked for spans").isEmpty();
    }

    private void publish(Task task) throws Exception {
        SpanContext parent = SpanContext.createFromRemoteParent(TRACE, TASK_SPAN, TraceFlags.getSampled(), TraceState
                .getDefault());
        try (Scope _ = Context.root().with(Span.wrap(parent)).makeCurrent()) {
            cluster.publish(task);
        }
    }

    private Tracing tracing() {
        return Tracing.with(OpenTelemetrySdk.builder().setTracerProvider(SdkTracerProvider.builder()
                .setIdGenerator(SpanIds.GENERATOR).addSpanProcessor(SimpleSpanProcessor.create(exporter)).build())
                .build());
    }
}
