package io.espalier.worker.task;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task at a time from a share group, and its lease. Used by one thread.
 *
 * <p>A renewal is an acknowledgement, after which the broker's copy of the record comes back by {@code poll} and only
 * that copy can be acknowledged next. When a renewal fails (the broker was away), the lease is not given up at once: a
 * broker that comes back may deliver the same record to us again, and then the work goes on. It is lost when it would
 * have run out, or when another record comes instead.
 */
final class TaskQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskQueue.class);
    private static final Duration REGAIN = Duration.ofMillis(100);
    /** How long a finished task waits for a broker that is away before it is left to be delivered again. */
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final ShareConsumer<String, byte[]> consumer;
    private final Duration lease;
    /** The copy to acknowledge next; null while we hold nothing. */
    private ConsumerRecord<String, byte[]> held;
    /** What we work on, whether or not we hold it at the moment. */
    private ConsumerRecord<String, byte[]> taken;
    private long renewedAt;

    TaskQueue(ShareConsumer<String, byte[]> consumer, Duration lease) {
        this.consumer = consumer;
        this.lease = lease;
    }

    /** Waits for a task. */
    Optional<ConsumerRecord<String, byte[]>> take(Duration atMost) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(atMost)) {
            if (taken == null) {
                taken = record;
                hold(record);
            } else {
                consumer.acknowledge(record, AcknowledgeType.RELEASE);
            }
        }
        return Optional.ofNullable(taken);
    }

    /** Renews the lease when it is time; false when it is lost. To be called several times per lease. */
    boolean keep() {
        if (held != null && elapsed().compareTo(lease.dividedBy(3)) >= 0) {
            renew();
        }
        if (held == null) {
            regain(REGAIN);
        }
        return held != null || elapsed().compareTo(lease) < 0;
    }

    /** Says what becomes of the task. If the broker does not hear it, the task is delivered again. */
    void settle(AcknowledgeType how) {
        long from = System.nanoTime();
        while (held == null && System.nanoTime() - from < SETTLE.toNanos() && elapsed().compareTo(lease) < 0) {
            regain(REGAIN);
        }
        if (held != null) {
            consumer.acknowledge(held, how);
            failure(consumer.commitSync(lease)).ifPresent(e -> LOG.atWarn().addKeyValue("offset", taken.offset())
                    .addKeyValue("reason", e).log("acknowledgement failed: the task may be delivered again"));
        }
        held = null;
        taken = null;
    }

    private void renew() {
        ConsumerRecord<String, byte[]> record = held;
        held = null;
        consumer.acknowledge(record, AcknowledgeType.RENEW);
        Optional<KafkaException> failure = failure(consumer.commitSync(lease.dividedBy(3)));
        failure.ifPresent(e -> LOG.atWarn().addKeyValue("offset", record.offset()).addKeyValue("reason", e)
                .log("lease not renewed"));
    }

    private void regain(Duration atMost) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(atMost)) {
            if (record.offset() == taken.offset() && record.partition() == taken.partition()) {
                hold(record);
            } else {
                consumer.acknowledge(record, AcknowledgeType.RELEASE);
            }
        }
    }

    private void hold(ConsumerRecord<String, byte[]> record) {
        held = record;
        renewedAt = System.nanoTime();
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - renewedAt);
    }

    private static Optional<KafkaException> failure(Map<TopicIdPartition, Optional<KafkaException>> results) {
        return results.values().stream().flatMap(Optional::stream).findFirst();
    }

    /** A task that is still held goes to another worker at once. */
    @Override
    public void close() {
        consumer.close(Duration.ofSeconds(5));
    }
}
