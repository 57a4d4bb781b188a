package io.espalier.bench.load;

import io.espalier.bench.soak.ToyWork;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Topic;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** Takes every task from the topics and answers it at once; measures from an answer to the next task of the job. */
final class InstantWorkers implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final WorkerId SELF = new WorkerId("instant");

    private final KafkaConsumer<String, byte[]> consumer;
    private final KafkaProducer<String, byte[]> producer;
    private final EventCodec codec = new EventCodec("instant");
    private final ToyWork work;
    private final Map<JobId, Long> answered = new ConcurrentHashMap<>();
    private final Queue<Double> latencies = new ConcurrentLinkedQueue<>();
    private final AtomicLong reports = new AtomicLong();
    private final Thread thread = Thread.ofPlatform().daemon().name("instant-workers").unstarted(this::serve);
    private volatile boolean closed;

    InstantWorkers(String bootstrapServers, Path scratch) {
        KafkaSettings kafka = KafkaSettings.of(bootstrapServers);
        consumer = new KafkaConsumer<>(kafka.consumer("instant-workers"));
        producer = new KafkaProducer<>(kafka.producer("instant-workers"));
        work = new ToyWork(new NamesOnly(), scratch);
        List<TopicPartition> topics = Arrays.stream(WorkerKind.values()).map(kind -> new TopicPartition(Topic.tasks(
                kind).topicName(), 0)).toList();
        consumer.assign(topics);
        consumer.seekToBeginning(topics);
        thread.start();
    }

    long reports() {
        return reports.get();
    }

    /** Milliseconds from an answer to the arrival of the job's next task; forgets them. */
    List<Double> latencies() {
        List<Double> taken = latencies.stream().sorted().toList();
        latencies.clear();
        return taken;
    }

    private void serve() {
        try {
            while (!closed) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    answer(EventCodec.decode(record, Task.class));
                }
            }
        } catch (UnreadableEventException | IOException | PermanentFailureException e) {
            throw new IllegalStateException(e);
        } finally {
            consumer.close();
        }
    }

    private void answer(Task task) throws IOException, PermanentFailureException {
        JobId job = task.id().job();
        Long before = answered.remove(job);
        if (before != null) {
            latencies.add((System.nanoTime() - before) / 1e6);
        }
        TaskResult result = work.of(task.work());
        send(job, new TaskReport.Started(task.id(), task.attempt(), SELF, Instant.now(), null));
        send(job, new TaskReport.Succeeded(task.id(), task.attempt(), SELF, Instant.now(), result.outputs(), result
                .facts(), new TaskReport.Usage(0.001, 1, 1 << 20), false));
        answered.put(job, System.nanoTime());
    }

    private void send(JobId job, TaskReport report) {
        producer.send(codec.encode(Topic.REPORTS, job, report));
        reports.incrementAndGet();
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
