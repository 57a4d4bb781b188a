package io.espalier.coordinator;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.broker.EmbeddedBroker;
import io.espalier.coordinator.access.AccessConfig;
import io.espalier.coordinator.http.HttpConfig;
import io.espalier.coordinator.http.TlsConfig;
import io.espalier.platform.config.AllowedRoots;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.TopicSettings;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** A broker in this JVM, coordinators, and workers that answer at once what {@link FakeWorkers} make up. */
final class TestStack implements AutoCloseable {
    static final Duration LEASE = Duration.ofSeconds(2);
    private static final int MANY = 1000;
    private static final WorkerId WORKER = new WorkerId("fake-1");

    final KafkaSettings kafka;
    final List<Task> tasks = new CopyOnWriteArrayList<>();
    final List<Control> controls = new CopyOnWriteArrayList<>();
    private EmbeddedBroker broker;
    private final Path folder;
    private final int places;
    private final List<Coordinator> coordinators = new ArrayList<>();
    private final KafkaProducer<String, byte[]> producer;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Thread worker = Thread.ofPlatform().daemon().name("fake-workers").unstarted(this::work);
    private final EventCodec codec = new EventCodec("test");
    /** What coordinators that are started next record. */
    Tracing tracing = Tracing.off();
    /** The trace context that each task came with, by task. */
    final Map<TaskId, String> traceparents = new ConcurrentHashMap<>();
    private volatile Predicate<Task> ignored = task -> false;
    private volatile boolean closed;

    TestStack(Path folder) throws Exception {
        this(folder, MANY);
    }

    /** @param places tasks of a kind that are published at once: our workers are not counted */
    TestStack(Path folder, int places) throws Exception {
        this.folder = folder;
        this.places = places;
        this.broker = EmbeddedBroker.start(folder.resolve("broker"));
        this.kafka = KafkaSettings.of(broker.bootstrapServers());
        this.producer = new KafkaProducer<>(kafka.producer("test"));
    }

    Coordinator startCoordinator(String instance) throws Exception {
        return startCoordinator(instance,
                new HttpConfig("127.0.0.1", 0, AccessConfig.open(), TlsConfig.off(), 1 << 16, 20_000,
                        "http://127.0.0.1:3000"));
    }

    Coordinator startCoordinator(String instance, HttpConfig config) throws Exception {
        return startCoordinator(instance, config, AllowedRoots.everywhere());
    }

    Coordinator startCoordinator(String instance, HttpConfig config, AllowedRoots roots) throws Exception {
        Coordinator coordinator = Coordinator.start(new CoordinatorConfig(kafka, new TopicSettings(4, 0, LEASE, 10),
                config, folder.resolve("artifacts").toString(), instance, folder, roots, places, true),
                tracing, () -> {});
        coordinators.add(coordinator);
        await().atMost(Duration.ofSeconds(60)).until(coordinator::ready);
        if (worker.getState() == Thread.State.NEW) {
            worker.start();
        }
        return coordinator;
    }

    /** Tasks that no worker takes. */
    void ignore(Predicate<Task> tasks) {
        ignored = tasks;
    }

    void ignore(StageName... stages) {
        ignore(task -> Arrays.asList(stages).contains(task.stage()));
    }

    /** Lets workers take a task again that they ignored. */
    void release(Task task) throws Exception {
        answer(task, task.attempt());
    }

    void answer(Task task, int attempt) throws Exception {
        answer(task, attempt, FakeWorkers.find(task.work()));
    }

    void answer(Task task, int attempt, FakeWorkers.Found found) throws Exception {
        report(new TaskReport.Started(task.id(), attempt, WORKER, Instant.now(), Json.events().createObjectNode().put(
                "device", "cpu").put("threads", 2)));
        report(new TaskReport.Succeeded(task.id(), attempt, WORKER, Instant.now(), found.outputs(), found.facts(),
                FakeWorkers.usage(), false));
    }

    void fail(Task task, FailureKind kind, String message) throws Exception {
        report(new TaskReport.Started(task.id(), task.attempt(), WORKER, Instant.now(), null));
        report(new TaskReport.Failed(task.id(), task.attempt(), WORKER, Instant.now(), kind, message, "detail", null));
    }

    void report(TaskReport report) throws Exception {
        producer.send(codec.encode(Topic.REPORTS, report.task().job(), report)).get();
    }

    void stopBroker() {
        broker.close();
    }

    void startBroker() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
    }

    void send(ProducerRecord<String, byte[]> record) throws Exception {
        producer.send(record).get();
    }

    /** Without waiting for the broker's answer. */
    void publish(ProducerRecord<String, byte[]> record) {
        producer.send(record);
    }

    ArtifactStore artifacts() throws Exception {
        return ArtifactStores.open(folder.resolve("artifacts").toString());
    }

    void publish(String key, String value) throws Exception {
        producer.send(new ProducerRecord<>(Topic.REQUESTS.topicName(), key, value.getBytes(
                StandardCharsets.UTF_8))).get();
    }

    void publish(int partition, String key, String value) throws Exception {
        producer.send(new ProducerRecord<>(Topic.REQUESTS.topicName(), partition, key, value.getBytes(
                StandardCharsets.UTF_8))).get();
    }

    private void work() {
        try (var consumer = new KafkaConsumer<String, byte[]>(kafka.consumer("fake-workers"))) {
            var partitions = new ArrayList<>(Arrays.stream(WorkerKind.values()).map(kind -> new TopicPartition(Topic
                    .tasks(kind).topicName(), 0)).toList());
            partitions.add(new TopicPartition(Topic.CONTROL.topicName(), 0));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closed) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    take(record);
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) throws Exception {
        if (record.topic().equals(Topic.CONTROL.topicName())) {
            controls.add(EventCodec.decode(record, Control.class));
            return;
        }
        Task task = EventCodec.decode(record, Task.class);
        Optional.ofNullable(record.headers().lastHeader("traceparent")).ifPresent(header -> traceparents.put(task.id(),
                new String(header.value(), StandardCharsets.UTF_8)));
        tasks.add(task);
        if (!ignored.test(task)) {
            answer(task, task.attempt());
        }
    }

    /** The first task of a stage that was published with at least this attempt. */
    Task awaitTask(String job, StageName stage, int attempt) {
        return await().atMost(Duration.ofSeconds(20)).until(() -> tasks.stream().filter(task -> task.id().job().value()
                .equals(job) && task.stage() == stage && task.attempt() >= attempt).findFirst().orElse(null),
                task -> task != null);
    }

    List<ConsumerRecord<String, byte[]>> read(Topic topic) {
        try (var consumer = new KafkaConsumer<String, byte[]>(kafka.consumer("reader"))) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream().map(
                    info -> new TopicPartition(info.topic(), info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    HttpResponse<String> send(Coordinator coordinator, String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(coordinator.address() + path)).method(method,
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> submit(Coordinator coordinator, String key, String body) throws Exception {
        return send(coordinator, "POST", "/api/v1/jobs", body, "Content-Type", "application/yaml", "Idempotency-Key",
                key);
    }

    JobSnapshot job(Coordinator coordinator, String id) throws Exception {
        HttpResponse<String> response = send(coordinator, "GET", "/api/v1/jobs/" + id, null);
        return response.statusCode() == 200 ? Json.events().readValue(response.body(), JobSnapshot.class) : null;
    }

    JobSnapshot awaitState(Coordinator coordinator, String id, JobSnapshot.State state) {
        return await().atMost(Duration.ofSeconds(30)).until(() -> job(coordinator, id), job -> job != null && job
                .state() == state);
    }

    static JsonNode json(HttpResponse<String> response) throws Exception {
        return Json.events().readTree(response.body());
    }

    void stop(Coordinator coordinator) {
        coordinators.remove(coordinator);
        coordinator.close();
    }

    @Override
    public void close() {
        List.copyOf(coordinators).forEach(this::stop);
        closed = true;
        producer.close();
        http.close();
        broker.close();
    }
}
