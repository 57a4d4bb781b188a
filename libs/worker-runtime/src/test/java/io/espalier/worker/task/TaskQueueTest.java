package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.junit.jupiter.api.Test;

/** What becomes of other people's tasks, and of our own, when the broker was away. */
class TaskQueueTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final long OURS = 7;
    private static final long OTHER = 8;

    private final ScriptedConsumer consumer = new ScriptedConsumer();
    private long now;
    private final TaskQueue queue = new TaskQueue(consumer, LEASE, () -> now);

    @Test
    void aTaskThatCameWhileAnotherCouldNotBeSettledIsTheNextOne() {
        begin();
        consumer.cut();
        consumer.insistOn(OTHER);
        queue.settle(AcknowledgeType.ACCEPT);
        assertThat(queue.take()).hasValueSatisfying(next -> assertThat(next.offset()).isEqualTo(OTHER));
        assertThat(consumer.count(OTHER, AcknowledgeType.RELEASE)).isZero();
        assertThat(consumer.said()).contains(new ScriptedConsumer.Said(OURS, AcknowledgeType.ACCEPT, false));
    }

    @Test
    void aTaskThatComesAgainCanBeSettled() {
        begin();
        consumer.deliver(OURS);
        queue.settle(AcknowledgeType.ACCEPT);
        assertThat(consumer.said()).containsExactly(new ScriptedConsumer.Said(OURS, AcknowledgeType.ACCEPT, true));
        assertThat(queue.take()).hasValueSatisfying(again -> assertThat(again.offset()).isEqualTo(OURS));
    }

    /** Ten deliveries are a task's death: a worker that goes on without a broker must not bring them about. */
    @Test
    void aBusyQueueIsNotWornOutByAWorkerThatWaitsForItsOwnTask() {
        begin();
        consumer.cut();
        consumer.insistOn(OTHER);
        for (Duration passed = Duration.ZERO; passed.compareTo(LEASE) < 0; passed = passed.plus(TICK)) {
            assertThat(queue.keep()).as("%s after the last renewal", passed).isTrue();
            now += TICK.toNanos();
        }
        assertThat(queue.keep()).isFalse();
        assertThat(consumer.count(OTHER, AcknowledgeType.RELEASE)).isBetween(1L, 3L);
    }

    @Test
    void workGoesOnWhenTheBrokerHandsItsTaskOutAgain() {
        begin();
        consumer.cut();
        now += LEASE.dividedBy(2).toNanos();
        assertThat(queue.keep()).isTrue();
        assertThat(consumer.said()).contains(new ScriptedConsumer.Said(OURS, AcknowledgeType.RENEW, false));
        consumer.deliver(OURS);
        assertThat(queue.keep()).isTrue();
        queue.forget();
        assertThat(consumer.count(OURS, AcknowledgeType.RELEASE)).isEqualTo(1);
    }

    /** A client that was handed the marker of a transaction sleeps until its poll is over. */
    @Test
    void whoWantsATaskPollsBrieflyAtFirstAndForLongerWhileNoneComes() {
        for (int i = 0; i < 8; i++) {
            assertThat(queue.take()).isEmpty();
        }
        begin();
        queue.settle(AcknowledgeType.ACCEPT);
        assertThat(queue.take()).isEmpty();
        assertThat(consumer.polls()).extracting(Duration::toMillis).containsExactly(4L, 8L, 16L, 32L, 64L, 128L, 256L,
                256L, 256L, 4L);
    }

    private void begin() {
        consumer.deliver(OURS);
        assertThat(queue.take()).hasValueSatisfying(task -> assertThat(task.offset()).isEqualTo(OURS));
    }
}
