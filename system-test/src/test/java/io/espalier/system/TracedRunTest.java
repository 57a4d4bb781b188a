package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.system.TraceReceiver.Received;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One command with the standard variables set: its processes export one trace, which hangs together. */
class TracedRunTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "b7ad6b7169203331";

    @TempDir
    Path folder;

    @Test
    void oneTraceFromTheRequestToTheWorkers() throws Exception {
        Path request = folder.resolve("request.json");
        Files.write(request, new ObjectMapper().writeValueAsBytes(Requests.quick("traced", folder.resolve("out"))));
        try (var receiver = new TraceReceiver()) {
            Launcher.Outcome outcome = Launcher.run(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.address(),
                    "OTEL_BSP_SCHEDULE_DELAY", "200", "TRACEPARENT", "00-" + TRACE + "-" + CALLER + "-01"), folder,
                    "prune",
                    request.toString(), "--data", folder.resolve("data").toString());
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertHangsTogether(receiver.spans());
        }
    }

    private static void assertHangsTogether(List<Received> spans) {
        assertThat(spans).extracting(Received::trace).containsOnly(TRACE);
        assertThat(spans).extracting(Received::service).contains("espalier-coordinator", "espalier-scoring-worker",
                "espalier-gpu-worker", "espalier-eval-worker");
        Map<String, Received> byId = spans.stream().collect(Collectors.toMap(Received::id, Function.identity()));
        assertThat(spans).allSatisfy(span -> assertThat(byId.keySet().contains(span.parent()) || span.parent().equals(
                CALLER)).as(span.toString()).isTrue());
        List<Received> attempts = spans.stream().filter(span -> span.name().startsWith("attempt ")).toList();
        assertThat(attempts).isNotEmpty().allSatisfy(attempt -> {
            Received task = byId.get(attempt.parent());
            Received stage = byId.get(task.parent());
            Received job = byId.get(stage.parent());
            Received accepted = byId.get(job.parent());
            assertThat(List.of(task.name(), stage.name(), job.name(), accepted.name())).containsExactly(
                    "task " + attempt.attribute("espalier.stage"), "stage " + attempt.attribute("espalier.stage"),
                    "job", "process espalier.requests");
            assertThat(task.attribute("espalier.task")).isEqualTo(attempt.attribute("espalier.task"));
            assertThat(attempt.attribute("espalier.worker")).isNotBlank();
        });
        Set<String> stages = attempts.stream().map(span -> span.attribute("espalier.stage")).collect(Collectors
                .toSet());
        assertThat(stages).contains("PREPARE", "SCORE", "RANK", "SLICE", "EVALUATE", "REPORT");
    }
}
