package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.platform.kafka.DeadLetter;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Topic;
import io.espalier.protocol.request.Evaluation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers against a real broker, with a lease of two seconds. */
class WorkerTest {
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final TaskResult NOTHING = new TaskResult(Map.of(), null);

    @TempDir
    static Path folder;
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new TestCluster(folder, LEASE);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @AfterEach
    void everyTaskIsSettled() throws Exception {
        await().until(() -> cluster.backlog() == 0);
        cluster.stopWorkers();
    }

    @Test
    void reportsStartAndSuccess() throws Exception {
        JobId job = TestCluster.newJob();
        ArtifactRef output = cluster.store("scores");
        cluster.startWorker((work, context) -> {
            context.tokens(640);
            context.progress(0.5, "half");
            return new TaskResult(Map.of("scores", output), JsonNodeFactory.instance.objectNode().put("n", 3));
        });
        Task task = cluster.publish(job, TestCluster.work("plain"));

        TaskReport.Succeeded done = cluster.awaitReport(job, TaskReport.Succeeded.class);
        assertThat(done.task()).isEqualTo(task.id());
        assertThat(done.attempt()).isEqualTo(1);
        assertThat(done.outputs()).isEqualTo(Map.of("scores", output));
        assertThat(done.facts().get("n").intValue()).isEqualTo(3);
        assertThat(done.usage().tokens()).isEqualTo(640);
        assertThat(done.usage().peakMemoryBytes()).isPositive();
        assertThat(done.fromCache()).isFalse();
        TaskReport.Started started = cluster.awaitReport(job, TaskReport.Started.class);
        assertThat(started.environment().get("device").textValue()).isEqualTo("cpu");
        assertThat(cluster.reports(job, TaskReport.Progress.class)).extracting(TaskReport.Progress::message)
                .contains("half");
    }

    @Test
    void renewsTheLeaseOfALongTask() throws Exception {
        JobId job = TestCluster.newJob();
        TaskHandler<Work.Perplexity> untilFiveHeartbeats = (work, context) -> {
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> cluster.reports(job, TaskReport.Progress.class).size() >= 5);
            return NOTHING;
        };
        cluster.startWorker(untilFiveHeartbeats);
        cluster.startWorker(untilFiveHeartbeats); // would take the task if the lease ran out
        cluster.publish(job, TestCluster.work("long"));

        TaskReport.Succeeded done = cluster.awaitReport(job, TaskReport.Succeeded.class);
        assertThat(done.usage().busySeconds()).isGreaterThan(LEASE.toSeconds());
        assertThat(cluster.reports(job, TaskReport.Started.class)).hasSize(1);
    }

    /** A busy worker that polls for its own record must not take another's and put it back: each time would count. */
    @Test
    void aTaskThatWaitsForBusyWorkersIsNotTouchedByThem() throws Exception {
        JobId first = TestCluster.newJob();
        JobId second = TestCluster.newJob();
        JobId waiting = TestCluster.newJob();
        TaskHandler<Work.Perplexity> handler = (work, context) -> {
            if (work.protocol().name().equals("busy")) {
                await().atMost(Duration.ofMinutes(1)).until(() -> cluster.reports(first, TaskReport.Progress.class)
                        .size() >= 12);
            }
            return NOTHING;
        };
        cluster.startWorker(false, handler);
        cluster.startWorker(false, handler);
        cluster.publish(first, TestCluster.work("busy"));
        cluster.publish(second, TestCluster.work("busy"));
        cluster.awaitReport(first, TaskReport.Started.class);
        cluster.awaitReport(second, TaskReport.Started.class);
        cluster.publish(waiting, TestCluster.work("waiting"));

        assertThat(cluster.awaitReport(waiting, TaskReport.Started.class).attempt()).isEqualTo(1);
    }

    @Test
    void countsTheAttemptsOfATaskWhoseWorkerWasLost() throws Exception {
        JobId job = TestCluster.newJob();
        try (var hanging = cluster.hangingWorker()) {
            cluster.publish(job, TestCluster.work("lost"));
            await().until(() -> !hanging.poll(Duration.ofMillis(200)).isEmpty());
            cluster.startWorker((work, context) -> NOTHING);

            assertThat(cluster.awaitReport(job, TaskReport.Succeeded.class).attempt()).isEqualTo(2);
        }
    }

    @Test
    void attemptsCountOnFromTheRepublishedTask() throws Exception {
        JobId job = TestCluster.newJob();
        cluster.startWorker((work, context) -> NOTHING);
        cluster.publish(new Task(new TaskId(job, 2, 0, 1), StageName.EVALUATE, TestCluster.work("again"), 4, 2, null,
                Instant.now(), false));
        assertThat(cluster.awaitReport(job, TaskReport.Succeeded.class).attempt()).isEqualTo(4);
    }

    @Test
    void aCancelledTaskEndsWithinFiveSeconds() throws Exception {
        JobId job = TestCluster.newJob();
        var interrupted = new CountDownLatch(1);
        cluster.startWorker((work, context) -> {
            if (!work.protocol().name().equals("endless")) {
                return NOTHING;
            }
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return NOTHING;
        });
        cluster.publish(job, TestCluster.work("endless"));
        cluster.awaitReport(job, TaskReport.Started.class);

        cluster.wish(job, Control.Wish.STOP);
        await().atMost(Duration.ofSeconds(5)).until(() -> interrupted.getCount() == 0);

        JobId next = TestCluster.newJob();
        cluster.publish(next, TestCluster.work("next"));
        cluster.awaitReport(next, TaskReport.Succeeded.class);
        assertThat(cluster.reports(job, TaskReport.Failed.class)).isEmpty();
        assertThat(cluster.reports(job, TaskReport.Succeeded.class)).isEmpty();
    }

    @Test
    void dropsTasksOfAStoppedJobButNotThoseOfItsRetry() throws Exception {
        JobId job = TestCluster.newJob();
        cluster.publish(job, TestCluster.work("before"));
        cluster.wish(job, Control.Wish.STOP);
        cluster.startWorker((work, context) -> NOTHING);
        await().until(() -> cluster.backlog() == 0);
        assertThat(cluster.reports(job, TaskReport.Started.class)).isEmpty();

        cluster.publish(new Task(new TaskId(job, 0, 0, 0), StageName.EVALUATE, TestCluster.work("after"), 2, 1, null,
                Instant.now().plusMillis(1), false));
        assertThat(cluster.awaitReport(job, TaskReport.Succeeded.class).attempt()).isEqualTo(2);
    }

    @Test
    void aHeldJobKeepsItsCheckpoint() throws Exception {
        JobId job = TestCluster.newJob();
        cluster.startWorker(checkpointing());
        Task task = cluster.publish(job, TestCluster.work("held"));
        cluster.awaitReport(job, TaskReport.Started.class);

        cluster.wish(job, Control.Wish.HOLD);
        TaskReport.Failed given = cluster.awaitReport(job, TaskReport.Failed.class);
        assertThat(given.kind()).isEqualTo(FailureKind.HELD);
        assertThat(given.checkpoint()).isEqualTo(cluster.store("checkpoint"));
        await().until(() -> cluster.backlog() == 0);

        cluster.wish(job, Control.Wish.RUN);
        cluster.publish(new Task(task.id(), task.stage(), task.work(), 2, 1, null, Instant.now().plusMillis(1), false));
        assertThat(cluster.awaitReport(job, TaskReport.Succeeded.class).facts().get("resumed").booleanValue())
                .isTrue();
    }

    @Test
    void aDrainedWorkerGivesItsTaskBackWithItsCheckpointAndLeavesNothingInTheQueue() throws Exception {
        JobId job = TestCluster.newJob();
        Worker first = cluster.startWorker(checkpointing());
        Task task = cluster.publish(job, TestCluster.work("drained"));
        cluster.awaitReport(job, TaskReport.Started.class);
        cluster.startWorker(checkpointing());

        first.stop();
        TaskReport.Failed given = cluster.awaitReport(job, TaskReport.Failed.class);
        assertThat(given.kind()).isEqualTo(FailureKind.DRAINED);
        assertThat(given.checkpoint()).isEqualTo(cluster.store("checkpoint"));
        await().until(() -> cluster.backlog() == 0);

        cluster.publish(new Task(task.id(), task.stage(), task.work(), 2, 1, given.checkpoint(), Instant.now(), false));
        TaskReport.Succeeded done = cluster.awaitReport(job, TaskReport.Succeeded.class);
        assertThat(done.attempt()).isEqualTo(2);
        assertThat(done.facts().get("resumed").booleanValue()).isTrue();
    }

    /** At first works until told to stop, then leaves a checkpoint; succeeds when it finds one. */
    private static TaskHandler<Work.Perplexity> checkpointing() {
        return (work, context) -> {
            boolean resumed = context.resumeFrom().isPresent();
            while (!resumed) {
                if (context.stopping()) {
                    context.checkpoint(cluster.store("checkpoint"));
                }
                context.progress(0.5, null);
                Thread.onSpinWait();
            }
            return new TaskResult(Map.of(), JsonNodeFactory.instance.objectNode().put("resumed", resumed));
        };
    }

    @Test
    void aRecordThatIsNoTaskBecomesADeadLetter() throws Exception {
        cluster.startWorker((work, context) -> NOTHING);
        byte[] poison = "{\"id\": \"not a task\"}".getBytes(StandardCharsets.UTF_8);
        cluster.publishRaw("some-job", poison);
        JobId next = TestCluster.newJob();
        cluster.publish(next, TestCluster.work("next"));

        cluster.awaitReport(next, TaskReport.Succeeded.class);
        Optional<DeadLetter> letter = cluster.deadLetters().stream().map(DeadLetter::read)
                .filter(dead -> "some-job".equals(dead.key())).findFirst();
        assertThat(letter).hasValueSatisfying(dead -> {
            assertThat(dead.value()).isEqualTo(poison);
            assertThat(dead.topic()).isEqualTo(Topic.TASKS_EVAL.topicName());
            assertThat(dead.reason()).contains("is not a Task");
            assertThat(dead.stack()).contains("UnreadableEventException");
        });
    }

    @Test
    void tellsFailuresApart() throws Exception {
        cluster.startWorker((work, context) -> {
            switch (work.protocol().name()) {
                case "bad input" -> throw new PermanentFailureException("config.json names no architecture");
                case "too big" -> throw new IllegalStateException(
                        new RuntimeException("[enforce fail at alloc_cpu.cpp] not enough memory: you tried 9 GB"));
                default -> throw new IOException("connection reset");
            }
        });
        assertThat(failureOf("bad input")).satisfies(failed -> {
            assertThat(failed.kind()).isEqualTo(FailureKind.PERMANENT);
            assertThat(failed.message()).isEqualTo("config.json names no architecture");
            assertThat(failed.detail()).contains("PermanentFailureException");
        });
        assertThat(failureOf("too big").kind()).isEqualTo(FailureKind.OUT_OF_MEMORY);
        assertThat(failureOf("unlucky").kind()).isEqualTo(FailureKind.TRANSIENT);
    }

    private static TaskReport.Failed failureOf(String name) throws Exception {
        JobId job = TestCluster.newJob();
        cluster.publish(job, TestCluster.work(name));
        return cluster.awaitReport(job, TaskReport.Failed.class);
    }

    @Test
    void equalWorkIsAnsweredFromTheCacheWhileItsOutputsAreThere() throws Exception {
        Path text = Files.writeString(folder.resolve("text.txt"), "Once upon a time");
        var output = new AtomicReference<ArtifactRef>();
        cluster.startWorker((work, context) -> {
            output.set(cluster.store("a result"));
            return new TaskResult(Map.of("result", output.get()), null);
        });
        Work first = cacheable("/models/a", text);
        Work moved = cacheable("/mnt/models/a", text);
        assertThat(run(first).fromCache()).isFalse();
        TaskReport.Succeeded again = run(moved);
        assertThat(again.fromCache()).isTrue();
        assertThat(again.outputs()).isEqualTo(Map.of("result", output.get()));

        Files.writeString(text, "Another text");
        assertThat(run(first).fromCache()).isFalse();
        assertThat(run(first).fromCache()).isTrue();
        cluster.artifacts.delete(output.get());
        assertThat(run(first).fromCache()).isFalse();
    }

    @Test
    void withoutCacheAllWorkIsDone() throws Exception {
        Path text = Files.writeString(folder.resolve("other.txt"), "Once upon a time");
        cluster.startWorker(false, (work, context) -> NOTHING);
        assertThat(run(cacheable("/models/a", text)).fromCache()).isFalse();
        assertThat(run(cacheable("/models/a", text)).fromCache()).isFalse();
    }

    @Test
    void aTaskThatIsToBeDoneAfreshIsDone() throws Exception {
        Path text = Files.writeString(folder.resolve("fresh.txt"), "A text of its own");
        cluster.startWorker((work, context) -> NOTHING);
        assertThat(run(cacheable("/models/a", text)).fromCache()).isFalse();
        JobId job = TestCluster.newJob();
        cluster.publish(new Task(new TaskId(job, 0, 0, 0), StageName.EVALUATE, cacheable("/models/a", text), 1, 1,
                null, Instant.now(), true));
        assertThat(cluster.awaitReport(job, TaskReport.Succeeded.class).fromCache()).isFalse();
    }

    private static Work cacheable(String location, Path text) {
        return new Work.Perplexity(
                new ModelSource.Folder(location, "0".repeat(64)),
                new Evaluation.Perplexity("p", text.toString(), 8, null));
    }

    private static TaskReport.Succeeded run(Work work) throws Exception {
        JobId job = TestCluster.newJob();
        cluster.publish(job, work);
        return cluster.awaitReport(job, TaskReport.Succeeded.class);
    }
}
