package io.espalier.worker.task;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
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
 * have run out.
 *
 * <p>Another record may come instead. The broker counts every delivery, and buries what was delivered too often without
 * result: giving back whatever comes, again and again, would lose other people's tasks within a second. So a worker whose
 * work goes on gives such a record back at most once in half a lease, and one that has ended keeps it as its next.
 *
 * <p>Tasks are published in transactions, whose markers are records too. A client (Kafka 4.4) that was handed a marker asks
 * the broker for nothing more until its next poll, and a marker stands between almost any two tasks. So whoever wants a task
 * polls briefly at first, and for longer while none comes: a long poll would cost its length for each task.
 */
final class TaskQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskQueue.class);
    private static final Duration REGAIN = Duration.ofMillis(100);
    private static final Duration SHORTEST_POLL = Duration.ofMillis(4);
    private static final Duration LONGEST_POLL = Duration.ofMillis(256);
    /** How long a finished task waits for a broker that is away. */
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final ShareConsumer<String, byte[]> consumer;
    private final Duration lease;
    private final LongSupplier nanoTime;
    /** The copy to acknowledge next; null while we hold nothing. */
    private ConsumerRecord<String, byte[]> held;
    /** What we work on, whether or not we hold it at the moment. */
    private ConsumerRecord<String, byte[]> taken;
    /** What came instead of a task that could not be settled: the one to be taken next. */
    private ConsumerRecord<String, byte[]> next;
    private long renewedAt;
    private long gaveBackAt;
    private Duration poll = SHORTEST_POLL;

    TaskQueue(ShareConsumer<String, byte[]> consumer, Duration lease) {
        this(consumer, lease, System::nanoTime);
    }

    TaskQueue(ShareConsumer<String, byte[]> consumer, Duration lease, LongSupplier nanoTime) {
        this.consumer = consumer;
        this.lease = lease;
        this.nanoTime = nanoTime;
    }

    /** Waits a moment for a task. */
    Optional<ConsumerRecord<String, byte[]>> take() {
        if (next != null) {
            begin(next);
            next = null;
            return Optional.of(taken);
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(poll)) {
            if (taken == null) {
                begin(record);
            } else {
                giveBack(record);
            }
        }
        if (taken == null) {
            Duration longer = poll.multipliedBy(2);
            poll = longer.compareTo(LONGEST_POLL) < 0 ? longer : LONGEST_POLL;
        }
        return Optional.ofNullable(taken);
    }

    /** Renews the lease when it is time; false when it is lost. To be called several times per lease. */
    boolean keep() {
        if (held != null && since(renewedAt).compareTo(lease.dividedBy(3)) >= 0) {
            acknowledge(AcknowledgeType.RENEW); // its copy comes by the next poll
        }
        boolean over = since(renewedAt).compareTo(lease) >= 0;
        if (held == null && (over || since(gaveBackAt).compareTo(lease.dividedBy(2)) >= 0)) {
            regain().ifPresent(this::giveBack);
        }
        return held != null || !over;
    }

    /**
     * Says what becomes of the task. A broker that is away is given some time to come back and hand the record to us
     * again; if it does not hear the answer, the task is delivered again to somebody.
     */
    void settle(AcknowledgeType how) {
        long from = nanoTime.getAsLong();
        boolean settled = acknowledge(how);
        while (!settled && next == null && since(from).compareTo(SETTLE) < 0) {
            next = regain().orElse(null);
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

    /** Looks whether the broker hands us the record again; answers with another one that came instead. */
    private Optional<ConsumerRecord<String, byte[]>> regain() {
        ConsumerRecord<String, byte[]> other = null;
        for (ConsumerRecord<String, byte[]> record : consumer.poll(REGAIN)) {
            if (record.offset() == taken.offset() && record.partition() == taken.partition()) {
                hold(record);
            } else if (other == null) {
                other = record;
            } else {
                giveBack(record);
            }
        }
        return Optional.ofNullable(other);
    }

    private void giveBack(ConsumerRecord<String, byte[]> record) {
        gaveBackAt = nanoTime.getAsLong();
        consumer.acknowledge(record, AcknowledgeType.RELEASE);
        consumer.commitAsync(); // it may be long until the next poll
    }

    private void begin(ConsumerRecord<String, byte[]> record) {
        taken = record;
        gaveBackAt = nanoTime.getAsLong() - lease.toNanos();
        poll = SHORTEST_POLL;
        hold(record);
    }

    private void hold(ConsumerRecord<String, byte[]> record) {
        held = record;
        renewedAt = nanoTime.getAsLong();
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(nanoTime.getAsLong() - nanos);
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
