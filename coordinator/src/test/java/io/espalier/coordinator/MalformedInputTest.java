package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.fuzz.Footprint;
import io.espalier.fuzz.Mutations;
import io.espalier.platform.kafka.DeadLetter;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whatever a coordinator is sent, it answers: a request becomes jobs that end, or is refused with a reason. Seeded;
 * {@code -Despalier.fuzz=10000} sends more (docs/reliability.md).
 */
class MalformedInputTest {
    private static final Logger LOG = LoggerFactory.getLogger(MalformedInputTest.class);
    private static final int COUNT = Mutations.count(200);
    private static final int PARTITIONS = 4;
    /** What broker, coordinator and clients in this JVM may come to hold by themselves. */
    private static final long SLACK_BYTES = 8L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60).plusMillis(40L * COUNT);
    private static final Set<Integer> ANSWERS = Set.of(200, 201, 202, 400, 409, 413, 415);
    private static final Pattern ANSWERED_OR_CUT_OFF = Pattern.compile("|\\S+ ([1-4]\\d\\d|501) .*",
            Pattern.DOTALL);
    private static final Set<State> ENDED = Set.of(State.SUCCEEDED, State.FAILED, State.CANCELLED);
    private static final List<String> KEYS = List.of("name", "target", "sweep", "select", "lora", "", "~/", "labels",
            "criterion", "steps", "priority", "model", "text", "job", "type", "output");
    private static final List<String> SEEDS = List.of(Requests.FULL, Requests.SELECT, Requests.SEARCH,
            Requests.ITERATIVE, Requests.SHORT + "priority: 3\nlabels: { team: a }\n"
                    + "sweep: [ { target: { count: 5.4B } }, { target: { bytes: 12GB }, method: { name: nirvana } } ]\n");

    @TempDir
    static Path folder;
    private static TestStack stack;
    private static Coordinator coordinator;

    private final Mutations mutations = new Mutations(20261125, KEYS);

    @BeforeAll
    static void start() throws Exception {
        stack = new TestStack(folder);
        coordinator = stack.startCoordinator(null);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void requestsByHttpAreAcceptedOrRefused() throws Exception {
        Set<String> accepted = new HashSet<>();
        Map<Integer, Integer> answers = new HashMap<>();
        for (int i = 0; i < COUNT; i++) {
            String body = request();
            HttpResponse<String> response = stack.send(coordinator, "POST", "/api/v1/jobs", body, "Content-Type",
                    mutations.choice(10) == 0 ? "text/plain" : "application/yaml", "Idempotency-Key", "http-" + i);
            answers.merge(response.statusCode(), 1, Integer::sum);
            assertThat(response.statusCode()).as("answer to %s: %s", body, response.body()).isIn(ANSWERS);
            JsonNode answer = TestStack.json(response);
            if (response.statusCode() >= 400) {
                assertThat(answer.path("title").asText()).as(body).isNotBlank();
                assertThat(answer.path("detail").asText() + answer.path("errors")).as(body).isNotBlank();
            } else {
                accepted.addAll(jobs(answer));
            }
        }
        assertThat(answers.get(400)).as("answers %s", answers).isPositive();
        assertThat(accepted).as("answers %s", answers).isNotEmpty();
        awaitEnd(accepted);
        LOG.atInfo().addKeyValue("requests", COUNT).addKeyValue("answers", answers)
                .addKeyValue("jobs", accepted.size()).log("malformed requests by HTTP: answered, and all jobs ended");
    }

    /** Jobs are remembered, refusals are not; -Despalier.fuzz=10000 would show a leak of a kilobyte. */
    @Test
    void whatIsRefusedLeavesNothingInMemory() throws Exception {
        refuse(COUNT / 2); // classes, pools and caches have come by then
        Footprint before = Footprint.now();
        refuse(COUNT);
        Footprint grown = Footprint.now().since(before);
        LOG.atInfo().addKeyValue("requests", COUNT).addKeyValue("grown", grown).log("refused requests in memory");
        assertThat(grown.heap()).as("%s", grown).isLessThan(SLACK_BYTES);
        assertThat(grown.direct()).as("%s", grown).isLessThan(SLACK_BYTES);
    }

    private void refuse(int count) throws Exception {
        for (int refused = 0; refused < count;) {
            String body = sent(request());
            if (isInvalid(body)) {
                assertThat(stack.send(coordinator, "POST", "/api/v1/jobs", body, "Content-Type", "application/yaml")
                        .statusCode()).as(body).isEqualTo(400);
                refused++;
            }
        }
    }

    /** Half of a pair of surrogates arrives as a question mark. */
    private static String sent(String body) {
        return new String(body.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static boolean isInvalid(String body) {
        try {
            Requests.READER.expand(RequestReader.parse(body));
            return false;
        } catch (InvalidRequestException e) {
            return true;
        }
    }

    @Test
    void whatIsNoHttpIsAnsweredOrCutOff() throws Exception {
        URI address = URI.create(coordinator.address());
        String good = "POST /api/v1/jobs?dryRun=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Idempotency-Key: raw\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
        for (int i = 0; i < COUNT; i++) {
            byte[] bytes = mutations.choice(8) == 0
                    ? mutations.noise(2000)
                    : mutations.text(good).getBytes(StandardCharsets.UTF_8);
            String answer = raw(address, bytes); // 501 is for versions of HTTP that do not exist
            assertThat(answer).as("answer to %s", new String(bytes, StandardCharsets.ISO_8859_1))
                    .matches(ANSWERED_OR_CUT_OFF);
        }
        String undecodable = raw(address, "GET /api/v1/jobs%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        assertThat(undecodable).startsWith("HTTP/1.1 400").contains("application/problem+json", "cannot be decoded");
        assertThat(stack.send(coordinator, "GET", "/api/v1/jobs", null).statusCode()).isEqualTo(200);
    }

    /** What comes back before the other side, or we, have said all. */
    private static String raw(URI address, byte[] bytes) {
        try (var socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void eventsBecomeJobsOrDeadLetters() throws Exception {
        for (int i = 0; i < COUNT; i++) {
            stack.publish(event("event-" + i));
        }
        for (int partition = 0; partition < PARTITIONS; partition++) {
            stack.publish(partition, "marker-" + partition, Requests.READER.json(Requests.parse(Requests.SHORT))
                    .toString());
        }
        for (int partition = 0; partition < PARTITIONS; partition++) {
            String marker = "marker-" + partition;
            await().atMost(PATIENCE).until(() -> stack.job(coordinator, marker),
                    job -> job != null && job.state() == State.SUCCEEDED);
        }
        Map<String, DeadLetter> letters = stack.read(Topic.DEAD_LETTERS).stream().filter(record -> record.key() != null)
                .map(DeadLetter::read).collect(Collectors.toMap(DeadLetter::key, letter -> letter, (a, _) -> a));
        Set<String> jobs = snapshots().keySet();
        for (int i = 0; i < COUNT; i++) {
            String key = "event-" + i;
            DeadLetter letter = letters.get(key);
            if (letter == null) {
                assertThat(jobs).as("event %s was forgotten", key).anyMatch(
                        job -> job.equals(key) || job.startsWith(key + "-"));
            } else {
                assertThat(letter.reason()).as(key).isNotBlank();
                assertThat(letter.stack().lines().findFirst().orElse("")).as(key)
                        .containsAnyOf("UnreadableEventException", "InvalidRequestException", "RefusedException");
            }
        }
        assertThat(letters).hasSizeLessThan(COUNT);
        awaitEnd(jobs);
        LOG.atInfo().addKeyValue("events", COUNT).addKeyValue("deadLetters", letters.size())
                .addKeyValue("jobs", jobs.size()).log("malformed events: none forgotten, and all jobs ended");
    }

    private ProducerRecord<String, byte[]> event(String key) {
        byte[] value = mutations.choice(10) == 0
                ? mutations.noise(500)
                : request().getBytes(StandardCharsets.UTF_8);
        var record = new ProducerRecord<String, byte[]>(Topic.REQUESTS.topicName(), key, value);
        if (mutations.choice(4) == 0) {
            record.headers().add("ce_type", mutations.noise(20)).add("ce_id", mutations.noise(20))
                    .add("traceparent", mutations.noise(60));
        }
        return record;
    }

    /** YAML or JSON, broken as text or as a tree. */
    private String request() {
        String yaml = SEEDS.get(mutations.choice(SEEDS.size()));
        ObjectNode tree = RequestReader.parse(yaml).root();
        return switch (mutations.choice(4)) {
            case 0 -> mutations.text(yaml);
            case 1 -> mutations.text(tree.toString());
            case 2 -> tree.toString();
            default -> mutations.tree(tree).toString();
        };
    }

    private static List<String> jobs(JsonNode answer) {
        List<String> ids = new ArrayList<>();
        answer.findValues("id").forEach(id -> ids.add(id.asText()));
        return ids;
    }

    private static void awaitEnd(Set<String> jobs) {
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).untilAsserted(
                () -> assertThat(snapshots().entrySet()).filteredOn(job -> jobs.contains(job.getKey()))
                        .hasSize(jobs.size()).allSatisfy(job -> assertThat(job.getValue().state()).as(job.getKey())
                                .isIn(ENDED)));
    }

    private static Map<String, JobSnapshot> snapshots() throws IOException {
        Map<String, JobSnapshot> latest = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : stack.read(Topic.JOBS)) {
            if (record.value() != null) {
                latest.put(record.key(), Json.events().readValue(record.value(), JobSnapshot.class));
            }
        }
        return latest;
    }
}
