package io.espalier.platform.kafka;

import io.espalier.protocol.topic.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * A record that could not be processed, with the reason and where it came from. The headers are those that the broker
 * itself writes when it moves a task that was delivered too often, so that both read the same; the stack is ours.
 *
 * @param topic     where it came from
 * @param reason    one line
 * @param stack     stack trace, or an empty string
 * @param key       the record's key, may be null
 * @param value     its unchanged bytes, may be null
 * @param at        when it was given up
 */
public record DeadLetter(String topic, int partition, long offset, String reason, String stack, String key,
        byte[] value, Instant at) {
    private static final String TOPIC = "__dlq.errors.topic";
    private static final String PARTITION = "__dlq.errors.partition";
    private static final String OFFSET = "__dlq.errors.offset";
    private static final String REASON = "__dlq.errors.message";
    private static final String STACK = "__dlq.errors.stack";
    private static final int LONGEST_STACK = 16_000;

    /** A record for the dead letters: headers and value of the original are kept. */
    public static ProducerRecord<String, byte[]> of(ConsumerRecord<String, byte[]> record, Throwable failure) {
        var letter = new ProducerRecord<>(Topic.DEAD_LETTERS.topicName(), null, record.key(), record.value(),
                record.headers());
        put(letter.headers(), TOPIC, record.topic());
        put(letter.headers(), PARTITION, Integer.toString(record.partition()));
        put(letter.headers(), OFFSET, Long.toString(record.offset()));
        put(letter.headers(), REASON, String.valueOf(failure.getMessage()));
        put(letter.headers(), STACK, stackOf(failure));
        return letter;
    }

    /** Reads a record of the dead-letter topic, whether we or the broker wrote it. */
    public static DeadLetter read(ConsumerRecord<String, byte[]> record) {
        return new DeadLetter(text(record, TOPIC, ""), Integer.parseInt(text(record, PARTITION, "-1")),
                Long.parseLong(text(record, OFFSET, "-1")), text(record, REASON, "delivered too often"),
                text(record, STACK, ""), record.key(), record.value(), Instant.ofEpochMilli(record.timestamp()));
    }

    private static void put(Headers headers, String name, String value) {
        headers.remove(name).add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ConsumerRecord<?, ?> record, String name, String fallback) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? fallback
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static String stackOf(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.getBuffer().substring(0, Math.min(LONGEST_STACK, text.getBuffer().length()));
    }
}
