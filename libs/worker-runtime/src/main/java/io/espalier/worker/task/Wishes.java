package io.espalier.worker.task;

import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.Control.Wish;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which jobs are to be held or stopped: follows {@code espalier.control} from its start on a thread of its own.
 *
 * <p>A wish concerns tasks that were published before it was said. A task published later is a resumed or retried job's,
 * even if the word that the job runs again has not arrived here yet: task and word travel in different topics.
 */
final class Wishes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Wishes.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private record Said(Wish wish, Instant at) {}

    private final Supplier<Consumer<String, byte[]>> consumers;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final Map<JobId, Said> said = new ConcurrentHashMap<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("control").unstarted(this::follow);
    private volatile Consumer<String, byte[]> consumer;
    private final CountDownLatch closed = new CountDownLatch(1);

    Wishes(Supplier<Consumer<String, byte[]>> consumers) {
        this.consumers = consumers;
    }

    void start() {
        thread.start();
    }

    /** Whether, within a time, everything that was said before the start has been read. */
    boolean awaitCaughtUp(Duration atMost) throws InterruptedException {
        return caughtUp.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    Wish about(Task task) {
        Said last = said.get(task.id().job());
        return last == null || last.at.isBefore(task.publishedAt()) ? Wish.RUN : last.wish;
    }

    private void follow() {
        while (closed.getCount() > 0) {
            try (Consumer<String, byte[]> opened = consumers.get()) {
                consumer = opened;
                read(opened);
            } catch (WakeupException e) {
                return; // closing
            } catch (KafkaException e) {
                LOG.atWarn().setCause(e).log("cannot follow the control topic: trying again");
                pause();
            }
        }
    }

    private void read(Consumer<String, byte[]> consumer) {
        Set<TopicPartition> partition = Set.of(new TopicPartition(Topic.CONTROL.topicName(), 0));
        consumer.assign(partition);
        consumer.seekToBeginning(partition);
        long end = consumer.endOffsets(partition).values().iterator().next();
        while (closed.getCount() > 0) {
            consumer.poll(POLL).forEach(this::hear);
            if (position(consumer, partition) >= end) {
                caughtUp.countDown();
            }
        }
    }

    private static long position(Consumer<?, ?> consumer, Collection<TopicPartition> partition) {
        return consumer.position(partition.iterator().next());
    }

    private void hear(ConsumerRecord<String, byte[]> record) {
        try {
            if (record.value() == null) {
                said.remove(new JobId(record.key()));
                return;
            }
            Control control = EventCodec.decode(record, Control.class);
            if (control.wish() == Wish.RUN) {
                said.remove(control.job());
            } else {
                said.put(control.job(), new Said(control.wish(), Instant.ofEpochMilli(record.timestamp())));
            }
        } catch (UnreadableEventException | IllegalArgumentException e) {
            LOG.atWarn().setCause(e).log("control record skipped");
        }
    }

    private void pause() {
        try {
            closed.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        Consumer<String, byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
