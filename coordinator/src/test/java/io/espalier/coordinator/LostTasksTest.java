package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.platform.kafka.EventCodec;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that a share group has done with though no worker has said a word. */
class LostTasksTest {
    @TempDir
    private Path folder;

    @Test
    void aTaskThatLeftItsQueueUnnoticedIsPublishedAgainAndOneThatWaitsIsNot() throws Exception {
        try (var stack = new TestStack(folder)) {
            Coordinator coordinator = stack.startCoordinator("one");
            stack.ignore(task -> task.stage() == StageName.RANK && task.attempt() == 1);
            stack.submit(coordinator, "lost", Requests.SHORT);
            Task lost = stack.awaitTask("lost", StageName.RANK, 1);
            stack.submit(coordinator, "waiting", Requests.SHORT.replace("0.25", "0.5")); // not equal work
            Task waiting = stack.awaitTask("waiting", StageName.RANK, 1);

            acceptSilently(stack, lost.id());

            stack.awaitState(coordinator, "lost", State.SUCCEEDED);
            assertThat(stack.awaitTask("lost", StageName.RANK, 2).attempt()).isEqualTo(2);
            assertThat(stack.tasks).filteredOn(task -> task.id().equals(waiting.id())).hasSize(1);
        }
    }

    /** Everything until the last one; what comes then is given back. */
    private static void acceptSilently(TestStack stack, TaskId last) throws Exception {
        Set<TaskId> accepted = new HashSet<>();
        try (var consumer = new KafkaShareConsumer<String, byte[]>(stack.kafka.shareConsumer(Topic.workersGroup(
                WorkerKind.SCORING), "silent"))) {
            consumer.subscribe(List.of(Topic.TASKS_SCORING.topicName()));
            boolean more = true;
            while (more) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    more = !accepted.contains(last);
                    consumer.acknowledge(record, more ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
                    accepted.add(EventCodec.decode(record, Task.class).id());
                }
            }
            consumer.commitSync();
        }
    }
}
