package io.espalier.worker.task;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.DisconnectException;

/** A share consumer whose broker hands out one record a poll as it is told, and remembers every acknowledgement. */
final class ScriptedConsumer extends MockShareConsumer<String, byte[]> {
    static final String TOPIC = "tasks";

    /** What was said about a record, and whether the broker has heard it. */
    record Said(long offset, AcknowledgeType how, boolean heard) {}

    private final Queue<ConsumerRecord<String, byte[]>> deliveries = new ArrayDeque<>();
    private final List<Said> said = new ArrayList<>();
    private final Queue<Said> unsent = new ArrayDeque<>();
    private ConsumerRecord<String, byte[]> unanswered;
    private final List<Duration> polls = new ArrayList<>();
    private boolean connected = true;
    /** Delivered by every poll for which nothing else was scripted. */
    private ConsumerRecord<String, byte[]> insistent;

    static ConsumerRecord<String, byte[]> record(long offset) {
        return new ConsumerRecord<>(TOPIC, 0, offset, "job", new byte[0]);
    }

    void deliver(long offset) {
        deliveries.add(record(offset));
    }

    void insistOn(long offset) {
        insistent = record(offset);
    }

    void cut() {
        connected = false;
    }

    List<Said> said() {
        return List.copyOf(said);
    }

    /** How long each poll would have waited. */
    List<Duration> polls() {
        return List.copyOf(polls);
    }

    long count(long offset, AcknowledgeType how) {
        return said.stream().filter(each -> each.offset() == offset && each.how() == how).count();
    }

    @Override
    public synchronized ConsumerRecords<String, byte[]> poll(Duration timeout) {
        if (unanswered != null) {
            throw new IllegalStateException(
                    "record " + unanswered.offset() + " was not acknowledged before the next poll");
        }
        polls.add(timeout);
        send();
        ConsumerRecord<String, byte[]> record = deliveries.isEmpty() ? insistent : deliveries.poll();
        unanswered = record;
        return record == null
                ? ConsumerRecords.empty()
                : new ConsumerRecords<>(Map.of(new TopicPartition(TOPIC, 0), List.of(record)), Map.of());
    }

    @Override
    public synchronized void acknowledge(ConsumerRecord<String, byte[]> record, AcknowledgeType how) {
        unanswered = null;
        unsent.add(new Said(record.offset(), how, connected));
    }

    @Override
    public synchronized Map<TopicIdPartition, Optional<KafkaException>> commitSync(Duration timeout) {
        send();
        return Map.of(new TopicIdPartition(Uuid.ONE_UUID, 0, TOPIC), connected
                ? Optional.empty()
                : Optional.of(new DisconnectException()));
    }

    @Override
    public synchronized void commitAsync() {
        send();
    }

    private void send() {
        said.addAll(unsent);
        unsent.clear();
    }
}
