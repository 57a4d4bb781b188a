package io.espalier.coordinator.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.platform.kafka.DeadLetter;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * What could not be processed, for people: looked at, and sent again once its cause is mended. The calls wait for the
 * broker.
 */
public final class DeadLetters implements AutoCloseable {
    private static final TopicPartition PLACE = new TopicPartition(Topic.DEAD_LETTERS.topicName(), 0);
    private static final Set<String> INPUTS = Set.of(Topic.REQUESTS.topicName(), Topic.REPORTS.topicName());
    private static final String OURS = "__dlq.";
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Transactions leave marks between the records: so many offsets are looked at for each record wanted. */
    private static final int OFFSETS_PER_RECORD = 2;
    private static final int LONGEST_VALUE = 4_000;

    /**
     * A dead letter.
     *
     * @param number names it
     * @param topic  where it came from, with partition and offset
     * @param stack  stack trace, may be empty
     * @param value  the beginning of what it said
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Entry(long number, Instant at, String topic, int partition, long offset, String key, String reason,
            String stack, String value) {
        static Entry of(ConsumerRecord<String, byte[]> record) {
            DeadLetter letter = DeadLetter.read(record);
            String value = letter.value() == null ? "" : new String(letter.value(), StandardCharsets.UTF_8);
            return new Entry(record.offset(), letter.at(), letter.topic(), letter.partition(), letter.offset(), letter
                    .key(), letter.reason(), letter.stack(),
                    value.substring(0, Math.min(LONGEST_VALUE, value.length())));
        }
    }

    /** What became of a letter: the topic it was sent to again, and as which type of message. */
    public record Replayed(long number, String topic, String key, String as) {}

    private final KafkaSettings kafka;
    private final KafkaProducer<String, byte[]> producer;

    public DeadLetters(KafkaSettings kafka) {
        this.kafka = kafka;
        this.producer = new KafkaProducer<>(kafka.producer("espalier-dead-letters"));
    }

    /** The latest, latest first. */
    public List<Entry> latest(int limit) {
        try (var consumer = open()) {
            long end = consumer.endOffsets(Set.of(PLACE), PATIENCE).get(PLACE);
            long begin = consumer.beginningOffsets(Set.of(PLACE), PATIENCE).get(PLACE);
            long from = end;
            List<ConsumerRecord<String, byte[]>> found = List.of();
            for (long span = (long) limit * OFFSETS_PER_RECORD; found.size() < limit && from > begin; span *= 4) {
                from = Math.max(begin, end - span);
                found = read(consumer, from, end);
            }
            return found.reversed().stream().limit(limit).map(Entry::of).toList();
        }
    }

    /**
     * Sends a letter again: a request or report to where it was read. A task's job goes on by a retry, because the task
     * itself was given up with its job.
     *
     * @return empty if there is none of that number
     * @throws IllegalArgumentException if it came from elsewhere and cannot be sent again
     */
    public Optional<Replayed> replay(long number) throws ExecutionException, InterruptedException {
        Optional<ConsumerRecord<String, byte[]>> found = find(number);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ProducerRecord<String, byte[]> again = again(found.get());
        producer.send(again).get();
        return Optional.of(new Replayed(number, again.topic(), again.key(), again.topic().equals(DeadLetter.read(found
                .get()).topic()) ? "what it was" : "retry"));
    }

    private static ProducerRecord<String, byte[]> again(ConsumerRecord<String, byte[]> record) {
        DeadLetter letter = DeadLetter.read(record);
        if (INPUTS.contains(letter.topic())) {
            var again = new ProducerRecord<>(letter.topic(), record.key(), record.value());
            for (Header header : record.headers()) {
                if (!header.key().startsWith(OURS)) {
                    again.headers().add(header);
                }
            }
            return again;
        }
        try {
            return JobLoop.codec().encode(Topic.REQUESTS, new JobId(record.key()), new Command.Retry(new JobId(record
                    .key())));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("dead letter " + record.offset() + " came from " + letter.topic()
                    + " and belongs to no job: it cannot be sent again", e);
        }
    }

    private Optional<ConsumerRecord<String, byte[]>> find(long number) {
        try (var consumer = open()) {
            long end = consumer.endOffsets(Set.of(PLACE), PATIENCE).get(PLACE);
            long begin = consumer.beginningOffsets(Set.of(PLACE), PATIENCE).get(PLACE);
            return number < begin || number >= end
                    ? Optional.empty()
                    : read(consumer, number, number + 1).stream().filter(record -> record.offset() == number)
                            .findFirst();
        }
    }

    private KafkaConsumer<String, byte[]> open() {
        var consumer = new KafkaConsumer<String, byte[]>(kafka.consumer("espalier-dead-letters-reader"));
        consumer.assign(Set.of(PLACE));
        return consumer;
    }

    private static List<ConsumerRecord<String, byte[]>> read(KafkaConsumer<String, byte[]> consumer, long from,
            long to) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        consumer.seek(PLACE, from);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (consumer.position(PLACE) < to) {
            consumer.poll(POLL).forEach(records::add);
            if (System.nanoTime() > deadline) {
                throw new KafkaException("the dead letters cannot be read within " + PATIENCE.toSeconds() + " s");
            }
        }
        return records;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
