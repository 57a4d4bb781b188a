package io.espalier.bench.soak;

import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads, once it is over, what workers said and when coordinators wrote. */
final class Listener {
    private static final Duration POLL = Duration.ofMillis(200);

    private final List<TaskReport> reports = new ArrayList<>();
    /** When something was written about the jobs of each partition, in order. */
    private final Map<Integer, List<Instant>> decisions = new HashMap<>();

    private Listener() {}

    static Listener read(String bootstrapServers) {
        var listener = new Listener();
        try (var consumer = new KafkaConsumer<String, byte[]>(KafkaSettings.of(bootstrapServers).consumer("soak"))) {
            List<TopicPartition> all = List.of(Topic.REPORTS, Topic.JOB_LOG).stream().flatMap(topic -> consumer
                    .partitionsFor(topic.topicName()).stream()).map(partition -> new TopicPartition(partition.topic(),
                            partition.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL).forEach(listener::hear);
            }
        }
        return listener;
    }

    private void hear(ConsumerRecord<String, byte[]> record) {
        if (!record.topic().equals(Topic.REPORTS.topicName())) {
            decisions.computeIfAbsent(record.partition(), _ -> new ArrayList<>()).add(Instant.ofEpochMilli(record
                    .timestamp()));
            return;
        }
        try {
            reports.add(EventCodec.decode(record, TaskReport.class));
        } catch (UnreadableEventException e) {
            throw new IllegalStateException("a worker said what nobody understands", e);
        }
    }

    List<TaskReport> reports() {
        return reports;
    }

    Map<Integer, List<Instant>> decisions() {
        return decisions;
    }
}
