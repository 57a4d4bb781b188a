package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.coordinator.access.AccessConfig;
import io.espalier.coordinator.http.HttpConfig;
import io.espalier.coordinator.http.Operation;
import io.espalier.coordinator.http.TlsConfig;
import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP interface as clients meet it: errors, events, pages, who may ask. */
class HttpTest {
    @TempDir
    static Path folder;
    private static TestStack stack;
    private static Coordinator coordinator;

    @BeforeAll
    static void start() throws Exception {
        stack = new TestStack(folder);
        coordinator = stack.startCoordinator(null);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @AfterEach
    void workersTakeEverything() {
        stack.ignore(task -> false);
    }

    @Test
    void anInvalidRequestNamesEveryOffendingKey() throws Exception {
        HttpResponse<String> response = stack.submit(coordinator, "invalid", "model: /m\nmetod: { name: search }\n"
                + "target: { parameters: 7 }\n");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = TestStack.json(response);
        assertThat(problem.get("title").asText()).isNotBlank();
        assertThat(problem.get("status").asInt()).isEqualTo(400);
        assertThat(problem.get("errors")).extracting(error -> error.get("pointer").asText()).contains("/metod",
                "/method", "/target/parameters");
        assertThat(problem.get("errors")).filteredOn(error -> error.get("pointer").asText().equals("/metod"))
                .allSatisfy(error -> {
                    assertThat(error.get("detail").asText()).contains("method");
                    assertThat(error.get("line").asInt()).isEqualTo(2);
                });
    }

    @Test
    void whatIsNoRequestIsRefusedInOneShape() throws Exception {
        assertProblem(400, stack.submit(coordinator, "x", "{"));
        assertProblem(400, stack.submit(coordinator, "x", ""));
        assertProblem(413, stack.submit(coordinator, "x", "#".repeat(1 << 17)));
        assertProblem(415, stack.send(coordinator, "POST", "/api/v1/jobs", Requests.SHORT, "Content-Type",
                "text/plain"));
        assertProblem(400, stack.send(coordinator, "POST", "/api/v1/jobs", Requests.SHORT, "Content-Type",
                "application/yaml", "Idempotency-Key", "k".repeat(300)));
        assertProblem(404, stack.send(coordinator, "GET", "/api/v1/jobs/unknown", null));
        assertProblem(404, stack.send(coordinator, "GET", "/api/v1/jobs/NOT%20AN%20ID", null));
        assertProblem(404, stack.send(coordinator, "GET", "/api/v2/anything", null));
        assertProblem(400, stack.send(coordinator, "GET", "/api/v1/jobs?limit=0", null));
        assertProblem(400, stack.send(coordinator, "GET", "/api/v1/jobs?state=SLEEPING", null));
        HttpResponse<String> wrongMethod = stack.send(coordinator, "PUT", "/api/v1/jobs", "{}");
        assertProblem(405, wrongMethod);
        assertThat(wrongMethod.headers().firstValue("Allow")).hasValue("POST, GET");
    }

    private static void assertProblem(int status, HttpResponse<String> response) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(TestStack.json(response).get("status").asInt()).isEqualTo(status);
    }

    @Test
    void listsPageByPage() throws Exception {
        for (int i = 0; i < 5; i++) {
            stack.submit(coordinator, "listed-" + i, Requests.SHORT);
            stack.awaitState(coordinator, "listed-" + i, State.SUCCEEDED);
        }
        Set<String> seen = new TreeSet<>();
        String next = "";
        do {
            JsonNode page = TestStack.json(stack.send(coordinator, "GET", "/api/v1/jobs?state=succeeded&limit=2" + next,
                    null));
            assertThat(page.get("jobs").size()).isBetween(1, 2);
            page.get("jobs").forEach(job -> assertThat(seen.add(job.get("id").asText())).isTrue());
            next = page.has("next") ? "&after=" + page.get("next").asText() : null;
        } while (next != null);
        assertThat(seen).contains("listed-0", "listed-1", "listed-2", "listed-3", "listed-4");
    }

    @Test
    void aWatcherSeesTheJobToItsEnd() throws Exception {
        stack.ignore(StageName.SLICE);
        stack.submit(coordinator, "watched", Requests.SHORT);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<Stream<String>> events = client.send(HttpRequest.newBuilder(URI.create(coordinator.address()
                    + "/api/v1/jobs/watched/events")).build(), HttpResponse.BodyHandlers.ofLines());
            assertThat(events.headers().firstValue("Content-Type")).hasValue("text/event-stream");
            stack.release(stack.awaitTask("watched", StageName.SLICE, 1));
            List<String> lines = events.body().toList(); // ends with the job
            List<JobSnapshot> seen = lines.stream().filter(line -> line.startsWith("data: ")).map(
                    HttpTest::snapshot).toList();
            assertThat(lines).contains("event: job");
            assertThat(seen).hasSizeGreaterThan(1).isSortedAccordingTo((a, b) -> Long.compare(a.revision(), b
                    .revision()));
            assertThat(seen.getLast().state()).isEqualTo(State.SUCCEEDED);
            assertThat(seen.getLast().timeline()).extracting("message").contains("SLICE done", "succeeded");
        }
    }

    private static JobSnapshot snapshot(String line) {
        try {
            return Json.events().readValue(line.substring("data: ".length()), JobSnapshot.class);
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }

    @Test
    void servesReportsAsHtmlToBrowsers() throws Exception {
        stack.submit(coordinator, "read", Requests.SHORT);
        stack.awaitState(coordinator, "read", State.SUCCEEDED);
        HttpResponse<String> html = stack.send(coordinator, "GET", "/api/v1/jobs/read/report", null, "Accept",
                "text/html,application/xhtml+xml,*/*");
        assertThat(html.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(html.body()).containsIgnoringCase("<html");
        HttpResponse<String> json = stack.send(coordinator, "GET", "/api/v1/jobs/read/report", null, "Accept", "*/*");
        assertThat(json.headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @Test
    void servesWhatMachinesAskFor() throws Exception {
        assertThat(stack.send(coordinator, "GET", "/health/live", null).statusCode()).isEqualTo(200);
        assertThat(stack.send(coordinator, "GET", "/health/ready", null).statusCode()).isEqualTo(200);
        assertThat(TestStack.json(stack.send(coordinator, "GET", "/request.schema.json", null)).get("title").asText())
                .contains("request");
        assertThat(stack.send(coordinator, "GET", "/", null).body()).containsIgnoringCase("<html");
        stack.submit(coordinator, "counted", Requests.SHORT);
        stack.awaitState(coordinator, "counted", State.SUCCEEDED);
        String metrics = stack.send(coordinator, "GET", "/metrics", null).body();
        assertThat(metrics).contains("espalier_jobs{state=\"succeeded\"}", "espalier_tasks_waiting{kind=\"gpu\"}",
                "espalier_tasks_running{kind=\"eval\"}", "espalier_task_wait_seconds_bucket{stage=\"prepare\",",
                "espalier_task_duration_seconds_count{outcome=\"succeeded\",stage=\"slice\"}",
                "espalier_attempts_total{outcome=\"succeeded\",stage=\"report\"}", "jvm_memory_used_bytes",
                "vertx_http_server", "kafka_consumer");
    }

    @Test
    void theDocumentDescribesEveryOperationAndNoOther() throws Exception {
        JsonNode document = TestStack.json(stack.send(coordinator, "GET", "/openapi.json", null));
        assertThat(document.get("openapi").asText()).startsWith("3.1");
        Set<String> described = new TreeSet<>();
        document.get("paths").properties().forEach(path -> path.getValue().properties().forEach(operation -> described
                .add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
        Set<String> served = new TreeSet<>();
        for (Operation operation : Operation.values()) {
            served.add(operation.method().name() + " " + operation.path());
        }
        assertThat(described).isEqualTo(served);
        assertReferences(document, document);
        assertSnapshotIsDescribed(document.at("/components/schemas/Job"));
    }

    private static void assertReferences(JsonNode node, JsonNode document) {
        String reference = node.path("$ref").asText("");
        if (reference.startsWith("#")) {
            assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
        }
        node.forEach(child -> assertReferences(child, document));
    }

    private static void assertSnapshotIsDescribed(JsonNode schema) {
        Set<String> described = new TreeSet<>();
        schema.get("properties").fieldNames().forEachRemaining(described::add);
        Set<String> components = new TreeSet<>();
        for (var component : JobSnapshot.class.getRecordComponents()) {
            components.add(component.getName());
        }
        assertThat(described).isEqualTo(components);
    }

    @Test
    void otherSitesPagesMayNotUseTheirVisitorsBrowser() throws Exception {
        assertProblem(403, stack.send(coordinator, "POST", "/api/v1/jobs/x/cancel", null, "Origin",
                "https://evil.example"));
        assertProblem(404, stack.send(coordinator, "POST", "/api/v1/jobs/x/cancel", null, "Origin", coordinator
                .address()));
    }

    @Test
    void aTokenKeepsOthersOut() throws Exception {
        Coordinator guarded = stack.startCoordinator("guarded",
                new HttpConfig("127.0.0.1", 0, AccessConfig.ofToken("s3cret"), TlsConfig.off(), 1 << 16, 10, null));
        try {
            assertProblem(401, stack.send(guarded, "GET", "/api/v1/jobs", null));
            assertProblem(401, stack.send(guarded, "GET", "/api/v1/jobs", null, "Authorization", "Bearer guess"));
            assertThat(stack.send(guarded, "GET", "/api/v1/jobs", null, "Authorization", "Bearer s3cret")
                    .statusCode()).isEqualTo(200);
            assertThat(stack.send(guarded, "GET", "/health/live", null).statusCode()).isEqualTo(200);
        } finally {
            stack.stop(guarded);
        }
    }

    @Test
    void otherAddressesNeedATokenOrAWord() {
        assertThatThrownBy(() -> HttpConfig.from(settings("ESPALIER_HTTP_HOST", "0.0.0.0"))).isInstanceOf(
                SettingException.class).hasMessageContaining("ESPALIER_HTTP_ALLOW_REMOTE");
        assertThat(HttpConfig.from(settings("ESPALIER_HTTP_HOST", "0.0.0.0", "ESPALIER_HTTP_TOKEN", "t")).access()
                .token()).isEqualTo("t");
        assertThat(HttpConfig.from(settings("ESPALIER_HTTP_HOST", "0.0.0.0", "ESPALIER_HTTP_ALLOW_REMOTE", "true"))
                .host()).isEqualTo("0.0.0.0");
        assertThat(HttpConfig.from(settings()).toString()).contains("127.0.0.1", "8080");
        assertThat(HttpConfig.from(settings("ESPALIER_HTTP_TOKEN", "hunter2")).toString()).doesNotContain("hunter2");
    }

    @Test
    void tooManyOpenJobsAreRefusedForNow() throws Exception {
        Coordinator small = stack.startCoordinator("small",
                new HttpConfig("127.0.0.1", 0, AccessConfig.open(), TlsConfig.off(), 1 << 16, 1, null));
        stack.ignore(StageName.PREPARE);
        try {
            assertThat(stack.submit(small, "only", Requests.SHORT).statusCode()).isEqualTo(202);
            HttpResponse<String> refused = stack.submit(small, "one-more", Requests.SHORT);
            assertProblem(503, refused);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        } finally {
            stack.send(small, "POST", "/api/v1/jobs/only/cancel", null);
            stack.stop(small);
        }
    }

    private static Settings settings(String... pairs) {
        return pairs.length == 0
                ? Settings.fromEnv(Map.of())
                : Settings.fromEnv(pairs.length == 2
                        ? Map.of(pairs[0], pairs[1])
                        : Map.of(pairs[0], pairs[1], pairs[2], pairs[3]));
    }
}
