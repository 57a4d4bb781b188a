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
    /** How long a finished task waits for a broker that is away. */
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
            acknowledge(AcknowledgeType.RENEW); // its copy comes by the next poll
        }
        if (held == null) {
            regain(REGAIN);
        }
        return held != null || elapsed().compareTo(lease) < 0;
    }

    /**
     * Says what becomes of the task. A broker that is away is given some time to come back and hand the record to us
     * again; if it does not hear the answer, the task is delivered again to somebody.
     */
    void settle(AcknowledgeType how) {
        long from = System.nanoTime();
        boolean settled = acknowledge(how);
        while (!settled && System.nanoTime() - from < SETTLE.toNanos()) {
            regain(REGAIN);
            settled = acknowledge(how);
        }
        if (!settled) {
            LOG.atWarn().addKeyValue("offset", taken.offset()).log("task not settled: it may be delivered again");
        }
        taken = null;
    }

    /** For a task whose lease is lost: nothing is left to be said about it. */
    void forget() {
        if (held != null) {
            acknowledge(AcknowledgeType.RELEASE);
        }
        taken = null;
    }

    /** Whether the broker has heard it. */
    private boolean acknowledge(AcknowledgeType how) {
        if (held == null) {
            return false;
        }
        consumer.acknowledge(held, how);
        held = null;
        Optional<KafkaException> failure = failure(consumer.commitSync(lease.dividedBy(3)));
        failure.ifPresent(e -> LOG.atInfo().addKeyValue("offset", taken.offset()).addKeyValue("reason", e)
                .log("acknowledgement " + how + " failed"));
        return failure.isEmpty();
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
