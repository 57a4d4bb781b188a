package io.espalier.bench.macro;

import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Listens to tasks and reports, as anyone may, and pairs them. Of tasks published together only the first counts, since
 * the others wait for each other. One machine: both times are of the same clock.
 */
final class TaskLatencies implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Map<TaskId, Instant> published = new ConcurrentHashMap<>();
    private final Map<TaskId, Instant> started = new ConcurrentHashMap<>();
    private final KafkaConsumer<String, byte[]> consumer;
    private final Thread thread;
    private volatile boolean closed;

    TaskLatencies(String servers) {
        consumer = new KafkaConsumer<>(KafkaSettings.of(servers).consumer("bench"));
        List<TopicPartition> partitions = Stream
                .of(Topic.TASKS_SCORING, Topic.TASKS_GPU, Topic.TASKS_EVAL, Topic.REPORTS)
                .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
        consumer.assign(partitions);
        thread = Thread.ofPlatform().daemon().name("bench-listens").start(this::listen);
    }

    private void listen() {
        while (!closed) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                try {
                    note(record);
                } catch (UnreadableEventException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        consumer.close();
    }

    private void note(ConsumerRecord<String, byte[]> record) throws UnreadableEventException {
        if (!record.topic().equals(Topic.REPORTS.topicName())) {
            Task task = EventCodec.decode(record, Task.class);
            published.putIfAbsent(task.id(), task.publishedAt());
        } else if (EventCodec.decode(record, TaskReport.class) instanceof TaskReport.Started start) {
            started.putIfAbsent(start.task(), start.at());
        }
    }

    /** Seconds from publication to start of every task that had no other before it in its round. */
    List<Double> seconds() {
        List<Double> seconds = new ArrayList<>();
        published.forEach((task, at) -> {
            if (task.index() == 0 && started.containsKey(task)) {
                seconds.add(Duration.between(at, started.get(task)).toNanos() / 1e9);
            }
        });
        return seconds;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
