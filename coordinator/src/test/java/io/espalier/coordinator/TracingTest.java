package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.espalier.platform.trace.SpanAttributes;
import io.espalier.platform.trace.SpanIds;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One trace per job, from the caller's span to the tasks that workers hang their attempts below. */
class TracingTest {
    private static final String CALLER_TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER_SPAN = "b7ad6b7169203331";
    private static final String CALLER = "00-" + CALLER_TRACE + "-" + CALLER_SPAN + "-01";

    @TempDir
    Path folder;
    private TestStack stack;
    private InMemorySpanExporter exporter;

    @BeforeEach
    void start() throws Exception {
        stack = new TestStack(folder);
        exporter = InMemorySpanExporter.create();
    }

    @AfterEach
    void stop() throws Exception {
        stack.close();
    }

    @Test
    void fromTheRequestToTheTasksThroughARestart() throws Exception {
        Coordinator first = startWithoutSlicing("traced");
        Task slice = stack.awaitTask("traced", StageName.SLICE, 1);
        first.close();

        stack.tracing = tracing(); // another process: nothing but the log is left
        Coordinator second = stack.startCoordinator("second");
        stack.ignore(task -> false);
        stack.release(slice);
        stack.awaitState(second, "traced", State.SUCCEEDED);

        await().until(() -> spans().containsKey("job"));
        List<SpanData> all = exporter.getFinishedSpanItems();
        assertThat(all).extracting(SpanData::getTraceId).containsOnly(CALLER_TRACE);
        Map<String, SpanData> byName = spans();
        SpanData request = byName.get("POST /api/v1/jobs");
        assertThat(request.getParentSpanId()).isEqualTo(CALLER_SPAN);
        assertThat(request.getAttributes().get(SpanAttributes.HTTP_STATUS)).isEqualTo(202);
        SpanData accepted = byName.get("process espalier.requests");
        assertThat(accepted.getParentSpanId()).isEqualTo(request.getSpanId());
        SpanData job = byName.get("job");
        assertThat(job.getParentSpanId()).isEqualTo(accepted.getSpanId());
        assertThat(job.getAttributes().get(SpanAttributes.OUTCOME)).isEqualTo("SUCCEEDED");
        assertThat(job.getStartEpochNanos()).isLessThan(byName.get("stage REPORT").getEndEpochNanos());
        for (StageName name : List.of(StageName.PREPARE, StageName.SCORE, StageName.SLICE, StageName.REPORT)) {
            SpanData stage = byName.get("stage " + name);
            SpanData task = byName.get("task " + name);
            assertThat(stage.getParentSpanId()).isEqualTo(job.getSpanId());
            assertThat(task.getParentSpanId()).isEqualTo(stage.getSpanId());
            assertThat(task.getAttributes().get(SpanAttributes.JOB)).isEqualTo("traced");
            assertThat(task.getStartEpochNanos()).isBetween(stage.getStartEpochNanos(), stage.getEndEpochNanos());
        }
        assertThat(stack.traceparents.get(slice.id())).isEqualTo("00-" + CALLER_TRACE + "-"
                + byName.get("task SLICE").getSpanId() + "-01");
    }

    @Test
    void aJobThatIsTriedAgainRunsInASecondSpanOfTheSameTrace() throws Exception {
        Coordinator coordinator = startWithoutSlicing("again");
        Task slice = stack.awaitTask("again", StageName.SLICE, 1);
        stack.send(coordinator, "POST", "/api/v1/jobs/again/cancel", null);
        stack.awaitState(coordinator, "again", State.CANCELLED);
        await().until(() -> spans().containsKey("job"));
        stack.ignore(task -> false);
        stack.send(coordinator, "POST", "/api/v1/jobs/again/retry", null);
        stack.awaitState(coordinator, "again", State.SUCCEEDED);

        await().until(() -> named("job").size() == 2);
        assertThat(named("job")).extracting(SpanData::getTraceId).containsOnly(CALLER_TRACE);
        assertThat(named("job")).extracting(SpanData::getSpanId).doesNotHaveDuplicates();
        assertThat(named("job")).extracting(span -> span.getStatus().getStatusCode()).containsExactly(StatusCode.ERROR,
                StatusCode.UNSET);
        assertThat(named("task SLICE")).extracting(SpanData::getParentSpanId).doesNotHaveDuplicates().hasSize(2);
        assertThat(stack.traceparents.get(slice.id())).contains(named("task SLICE").getLast().getSpanId());
    }

    @Test
    void whereNothingIsRecordedTheCallersContextGoesOn() throws Exception {
        Coordinator coordinator = stack.startCoordinator("first");
        submit(coordinator, "untraced");
        stack.awaitState(coordinator, "untraced", State.SUCCEEDED);

        assertThat(exporter.getFinishedSpanItems()).isEmpty();
        assertThat(stack.traceparents.values()).isNotEmpty().containsOnly(CALLER);
    }

    /** A job in a coordinator's hands, and a SLICE that nobody takes. */
    private Coordinator startWithoutSlicing(String job) throws Exception {
        stack.tracing = tracing();
        stack.ignore(StageName.SLICE);
        Coordinator coordinator = stack.startCoordinator("first");
        submit(coordinator, job);
        return coordinator;
    }

    private void submit(Coordinator coordinator, String key) throws Exception {
        assertThat(stack.send(coordinator, "POST", "/api/v1/jobs", Requests.FULL, "Content-Type", "application/yaml",
                "Idempotency-Key", key, "traceparent", CALLER).statusCode()).isEqualTo(202);
    }

    private Tracing tracing() {
        return Tracing.with(OpenTelemetrySdk.builder().setTracerProvider(SdkTracerProvider.builder()
                .setIdGenerator(SpanIds.GENERATOR).addSpanProcessor(SimpleSpanProcessor.create(exporter)).build())
                .build());
    }

    private List<SpanData> named(String name) {
        return exporter.getFinishedSpanItems().stream().filter(span -> span.getName().equals(name)).toList();
    }

    private Map<String, SpanData> spans() {
        return exporter.getFinishedSpanItems().stream().collect(Collectors.toMap(SpanData::getName,
                Function.identity(), (first, _) -> first));
    }
}
