package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.WorkerKind;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that wait for each other, with one place for a task. */
class QueueTest {
    @TempDir
    Path folder;

    @Test
    void aJobThatWaitsKnowsItsPlaceAndAnUrgentOneGoesAhead() throws Exception {
        try (var stack = new TestStack(folder, 1)) {
            Coordinator coordinator = stack.startCoordinator("narrow");
            stack.ignore(StageName.PREPARE);
            stack.submit(coordinator, "first", Requests.SHORT);
            Task first = stack.awaitTask("first", StageName.PREPARE, 1);
            stack.report(new TaskReport.Started(first.id(), 1, new WorkerId("slow"), Instant.now(), null));
            stack.submit(coordinator, "later", Requests.SHORT);
            stack.submit(coordinator, "urgent", Requests.SHORT + "priority: 5\n");
            JobSnapshot later = await().until(() -> stack.job(coordinator, "later"), job -> job.queue() != null && job
                    .queue().position() == 2);
            assertThat(later.queue().kind()).isEqualTo(WorkerKind.SCORING);
            assertThat(later.queue().tasksAhead()).isEqualTo(1);
            assertThat(stack.job(coordinator, "urgent").queue().position()).isEqualTo(1);
            await().until(() -> stack.job(coordinator, "first").queue() == null);

            stack.answer(first, 1);
            Task urgent = stack.awaitTask("urgent", StageName.PREPARE, 1);
            assertThat(stack.tasks).noneMatch(task -> task.id().job().value().equals("later"));
            stack.ignore(task -> false);
            stack.release(urgent);
            for (String job : new String[]{"first", "later", "urgent"}) {
                stack.awaitState(coordinator, job, JobSnapshot.State.SUCCEEDED);
            }
        }
    }
}
