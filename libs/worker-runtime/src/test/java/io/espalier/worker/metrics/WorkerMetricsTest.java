package io.espalier.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.worker.task.Outcome;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WorkerMetricsTest {
    @Test
    void theNamesAreThoseThatDashboardsUse() {
        try (var metrics = new WorkerMetrics(WorkerKind.GPU)) {
            metrics.device("cuda:0");
            metrics.deviceMemory(() -> 3, () -> 80);
            metrics.attemptStarted(StageName.RECOVER, Duration.ofMillis(20));
            assertThat(metrics.scrape()).contains("espalier_tasks_running{kind=\"gpu\"} 1.0");
            metrics.attemptEnded(StageName.RECOVER, Outcome.LEASE_LOST, Duration.ofSeconds(3));
            metrics.tokens(StageName.RECOVER, 640);
            metrics.artifacts().written(5);
            metrics.artifacts().read(7);

            assertThat(metrics.scrape()).contains("espalier_tasks_running{kind=\"gpu\"} 0.0",
                    "espalier_task_wait_seconds_bucket{stage=\"recover\",le=\"0.1\"} 1",
                    "espalier_task_duration_seconds_count{outcome=\"lease_lost\",stage=\"recover\"} 1",
                    "espalier_attempts_total{outcome=\"lease_lost\",stage=\"recover\"} 1.0",
                    "espalier_tokens_total{stage=\"recover\"} 640.0", "espalier_memory_bytes{area=\"device_used\"} 3.0",
                    "espalier_memory_bytes{area=\"device_total\"} 80.0", "espalier_memory_bytes{area=\"heap\"}",
                    "espalier_memory_bytes{area=\"native\"}", "espalier_memory_bytes{area=\"rss\"}",
                    "espalier_artifact_bytes_total{direction=\"read\"} 7.0",
                    "espalier_artifact_bytes_total{direction=\"written\"} 5.0",
                    "espalier_worker_info{device=\"cuda:0\",kind=\"gpu\"} 1", "jvm_memory_used_bytes",
                    "process_uptime_seconds");
        }
    }

    @Test
    void theServerAnswersWhatProbesAsk() throws Exception {
        var alive = new AtomicBoolean(true);
        var ready = new AtomicBoolean();
        try (var metrics = new WorkerMetrics(WorkerKind.EVAL);
                var server = MetricsServer.start("127.0.0.1", 0, metrics, alive::get, ready::get)) {
            assertThat(get(server, "/metrics").body()).contains("espalier_tasks_running");
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(server, "/health/ready").statusCode()).isEqualTo(503);
            ready.set(true);
            assertThat(get(server, "/health/ready").body()).isEqualTo("{\"status\":\"UP\"}");
            assertThat(get(server, "/health").statusCode()).isEqualTo(200);
            alive.set(false);
            assertThat(get(server, "/health").statusCode()).isEqualTo(503);
            assertThat(get(server, "/elsewhere").statusCode()).isEqualTo(404);
        }
    }

    private static HttpResponse<String> get(MetricsServer server, String path) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
