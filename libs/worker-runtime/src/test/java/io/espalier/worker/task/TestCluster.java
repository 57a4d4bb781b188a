package io.espalier.worker.task;

import static org.awaitility.Awaitility.await;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.broker.EmbeddedBroker;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.config.AllowedRoots;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.TopicAdmin;
import io.espalier.platform.kafka.TopicSettings;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.topic.Topic;
import io.espalier.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** A broker in this JVM, a store, and a coordinator's hands: publishes tasks and wishes, hears reports. */
final class TestCluster {
    private static final WorkerKind KIND = WorkerKind.EVAL;
    private static final AtomicInteger JOBS = new AtomicInteger();

    final Path folder;
    final ArtifactStore artifacts;
    /** What workers record their attempts with. */
    Tracing tracing = Tracing.off();
    private final TopicSettings topics;
    private final KafkaSettings kafka;
    private final List<TaskReport> reports = new CopyOnWriteArrayList<>();
    private final List<RunningWorker> workers = new ArrayList<>();
    private final EventCodec codec = new EventCodec("test");
    private final KafkaProducer<String, byte[]> producer;
    private final Thread listener;
    private EmbeddedBroker broker;
    private volatile boolean closed;

    private record RunningWorker(Worker worker, Thread thread, WorkerMetrics metrics) {}

    TestCluster(Path folder, Duration lease) throws Exception {
        this.folder = folder;
        this.topics = new TopicSettings(2, 0, lease, 10);
        this.broker = EmbeddedBroker.start(folder.resolve("broker"));
        this.kafka = KafkaSettings.of(broker.bootstrapServers());
        try (var admin = new TopicAdmin(kafka, topics)) {
            admin.ensure();
        }
        this.artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
        this.producer = new KafkaProducer<>(kafka.producer("test"));
        this.listener = Thread.ofPlatform().daemon().name("reports").start(this::listen);
    }

    static JobId newJob() {
        return new JobId("job-" + JOBS.incrementAndGet());
    }

    /** Work that is never answered from the cache. */
    static Work work(String name) {
        return new Work.Perplexity(new ModelSource.Folder("/nowhere", null),
                new Evaluation.Perplexity(name, "/no/text", 8, null));
    }

    static Task task(JobId job, Work work) {
        return new Task(new TaskId(job, 0, 0, 0), StageName.EVALUATE, work, 1, 1, null, Instant.now(), false);
    }

    Task publish(JobId job, Work work) throws Exception {
        Task task = task(job, work);
        publish(task);
        return task;
    }

    void publish(Task task) throws Exception {
        producer.send(codec.encode(Topic.tasks(KIND), task.id().job(), task)).get();
    }

    void publishRaw(String key, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(Topic.tasks(KIND).topicName(), key, value)).get();
    }

    void wish(JobId job, Control.Wish wish) throws Exception {
        producer.send(codec.encode(Topic.CONTROL, job, new Control(job, wish))).get();
    }

    Worker startWorker(TaskHandler<Work.Perplexity> handler) throws IOException {
        return startWorker(true, handler);
    }

    Worker startWorker(boolean cache, TaskHandler<Work.Perplexity> handler) throws IOException {
        var id = new WorkerId("worker-" + workers.size());
        var config = new WorkerConfig(KIND, id, kafka, topics, folder.resolve("artifacts").toString(),
                folder.resolve("scratch"), "127.0.0.1", 0, "cpu", 0, cache, Duration.ofSeconds(20),
                AllowedRoots.everywhere(), new CopiesConfig(folder.resolve("copies"), Long.MAX_VALUE));
        var metrics = new WorkerMetrics(KIND);
        var worker = new Worker(config, tracing, artifacts, metrics).describe("cpu", 1, "none", Map.of());
        worker.handle(Work.Perplexity.class, handler);
        var thread = Thread.ofPlatform().name(id.value()).start(() -> {
            try {
                worker.run(() -> {});
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        workers.add(new RunningWorker(worker, thread, metrics));
        await().until(worker::isReady);
        return worker;
    }

    void stopWorkers() throws Exception {
        for (RunningWorker running : workers) {
            running.worker.stop();
            running.thread.join();
            running.worker.close();
            running.metrics.close();
        }
        workers.clear();
    }

    /** A member of the workers' group that takes a task and does nothing with it, like a process that hangs. */
    KafkaShareConsumer<String, byte[]> hangingWorker() {
        var consumer = new KafkaShareConsumer<String, byte[]>(
                kafka.shareConsumer(Topic.workersGroup(KIND), "hanging-worker"));
        consumer.subscribe(List.of(Topic.tasks(KIND).topicName()));
        return consumer;
    }

    void stopBroker() {
        broker.close();
    }

    void startBroker() throws IOException {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
    }

    /** Records published but not yet acknowledged by the workers. */
    long backlog() throws ExecutionException, InterruptedException {
        String group = Topic.workersGroup(KIND);
        try (var admin = Admin.create(kafka.admin())) {
            return admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(group).get().values().stream()
                    .mapToLong(info -> info == null ? Long.MAX_VALUE : info.lag().orElse(Long.MAX_VALUE)).max()
                    .orElse(Long.MAX_VALUE);
        }
    }

    List<ConsumerRecord<String, byte[]>> deadLetters() {
        try (Consumer<String, byte[]> consumer = new KafkaConsumer<>(kafka.consumer("dead-letters"))) {
            var partition = Set.of(new TopicPartition(Topic.DEAD_LETTERS.topicName(), 0));
            consumer.assign(partition);
            consumer.seekToBeginning(partition);
            var records = new ArrayList<ConsumerRecord<String, byte[]>>();
            long end = consumer.endOffsets(partition).values().iterator().next();
            while (records.size() < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    <R extends TaskReport> R awaitReport(JobId job, Class<R> type) {
        return await().atMost(Duration.ofSeconds(60)).until(() -> reports(job, type), found -> !found.isEmpty())
                .getFirst();
    }

    <R extends TaskReport> List<R> reports(JobId job, Class<R> type) {
        Predicate<TaskReport> ofJob = report -> report.task().job().equals(job);
        return reports.stream().filter(ofJob).filter(type::isInstance).map(type::cast).toList();
    }

    ArtifactRef store(String content) throws IOException {
        return artifacts.putBytes(content.getBytes(StandardCharsets.UTF_8));
    }

    private void listen() {
        try (Consumer<String, byte[]> consumer = new KafkaConsumer<>(kafka.consumer("reports"))) {
            consumer.assign(List.of(new TopicPartition(Topic.REPORTS.topicName(), 0),
                    new TopicPartition(Topic.REPORTS.topicName(), 1)));
            while (!closed) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    reports.add(EventCodec.decode(record, TaskReport.class));
                }
            }
        } catch (InterruptException e) {
            // closing
        } catch (UnreadableEventException e) {
            throw new IllegalStateException(e);
        }
    }

    void close() throws Exception {
        stopWorkers();
        closed = true;
        listener.join();
        producer.close();
        broker.close();
        artifacts.close();
    }
}
