package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.coordinator.FakeWorkers;
import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptsTest {
    private static final AttemptPolicy POLICY = AttemptPolicy.forLease(Duration.ofSeconds(15));
    private static final WorkerId A = new WorkerId("a");
    private static final WorkerId B = new WorkerId("b");
    private static final ArtifactRef CHECKPOINT = ArtifactRef.file("c".repeat(64), 10);

    private final JobId id = new JobId("job-1");
    private final List<JobEvent> events = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Job job;

    AttemptsTest() {
        give(new Input.Submitted(id, Requests.parse(Requests.SHORT), "digest", now));
    }

    @Test
    void backOffGrowsAndTheLimitFailsTheJob() {
        List<Duration> waits = new ArrayList<>();
        for (int attempt = 1; attempt <= POLICY.limit(); attempt++) {
            start(attempt, A);
            Instant failed = now;
            fail(attempt, A, FailureKind.TRANSIENT, null);
            while (job.isOpen() && published().attempt() == attempt) {
                tick(Duration.ofMillis(500));
            }
            waits.add(Duration.between(failed, now));
        }
        assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4), Duration
                .ofSeconds(8), Duration.ZERO);
        assertThat(job.state()).isInstanceOfSatisfying(JobState.Failed.class, state -> assertThat(state.problem()
                .message()).contains("bad luck").contains("given up after 5 attempts"));
    }

    @Test
    void outOfMemoryDoublesTheHintAndComesBackAtOnce() {
        start(1, A);
        fail(1, A, FailureKind.OUT_OF_MEMORY, null);
        tick(Duration.ZERO);
        assertThat(published().workerHint()).isEqualTo(2);
        start(2, A);
        fail(2, A, FailureKind.OUT_OF_MEMORY, null);
        tick(Duration.ZERO);
        assertThat(published().workerHint()).isEqualTo(4);
        assertThat(published().attempt()).isEqualTo(3);
    }

    @Test
    void aCheckpointGoesToTheNextAttemptAndForgivesFailures() {
        for (int attempt = 1; attempt <= 10; attempt++) {
            start(attempt, A);
            ArtifactRef reached = ArtifactRef.file(Integer.toHexString(attempt).repeat(64).substring(0, 64), 10);
            fail(attempt, A, FailureKind.TRANSIENT, reached);
            tick(Duration.ofMinutes(1));
            assertThat(published().checkpoint()).isEqualTo(reached);
        }
        assertThat(job.isOpen()).isTrue();
    }

    @Test
    void whatAnOlderAttemptSaysIsDroppedUnlessItSucceeds() {
        start(1, A);
        start(2, B);
        report(new TaskReport.Progress(task(), 1, A, now, 0.9, 1, null, CHECKPOINT));
        fail(1, A, FailureKind.PERMANENT, null);
        assertThat(events).last().isInstanceOf(JobEvent.ReportDropped.class);
        assertThat(job.isOpen()).isTrue();
        assertThat(job.task(task()).orElseThrow().checkpoint()).isNull();

        succeed(1, A);
        assertThat(job.task(task()).orElseThrow().done()).isTrue();
        int revision = (int) job.revision();
        succeed(2, B);
        assertThat(events).last().isInstanceOf(JobEvent.ReportDropped.class);
        assertThat(job.stages().getFirst().tasks()).hasSize(1);
        assertThat(job.revision()).isGreaterThanOrEqualTo(revision);
    }

    @Test
    void aSilentWorkerIsGivenUpAfterSomeLeasesAndTheTaskGoesOn() {
        start(1, A);
        report(new TaskReport.Progress(task(), 1, A, now, 0.5, 1, null, CHECKPOINT));
        tick(POLICY.silence());
        assertThat(published().attempt()).isEqualTo(1);
        tick(Duration.ofMillis(1));
        assertThat(published().attempt()).isEqualTo(2);
        assertThat(published().checkpoint()).isEqualTo(CHECKPOINT);
    }

    @Test
    void aTaskThatKillsEveryWorkerFailsTheJob() {
        for (int attempt = 1; attempt <= POLICY.limit() + 1; attempt++) {
            start(attempt, new WorkerId("victim-" + attempt));
        }
        assertThat(job.state()).isInstanceOfSatisfying(JobState.Failed.class, state -> assertThat(state.problem()
                .message()).contains("lost the worker of PREPARE task 1"));
    }

    @Test
    void aDrainedTaskComesBackAtOnceAHeldOneOnResume() {
        start(1, A);
        fail(1, A, FailureKind.DRAINED, CHECKPOINT);
        assertThat(published().attempt()).isEqualTo(2);
        assertThat(published().checkpoint()).isEqualTo(CHECKPOINT);
        start(2, B);
        give(new Input.Commanded(new Command.Pause(id), now));
        fail(2, B, FailureKind.HELD, CHECKPOINT);
        tick(Duration.ofMinutes(10));
        assertThat(published().attempt()).isEqualTo(2);
        give(new Input.Commanded(new Command.Resume(id), now));
        assertThat(published().attempt()).isEqualTo(3);
        assertThat(published().checkpoint()).isEqualTo(CHECKPOINT);
        assertThat(job.task(task()).orElseThrow().failures()).isZero();
    }

    private TaskId task() {
        return new TaskId(id, 0, 0, 0);
    }

    private Task published() {
        return events.stream().<Task>mapMulti((event, down) -> {
            if (event instanceof JobEvent.TaskPublished(Task task, var _)) {
                down.accept(task);
            }
        }).reduce((_, last) -> last).orElseThrow();
    }

    private void start(int attempt, WorkerId worker) {
        report(new TaskReport.Started(task(), attempt, worker, now, null));
    }

    private void fail(int attempt, WorkerId worker, FailureKind kind, ArtifactRef checkpoint) {
        report(new TaskReport.Failed(task(), attempt, worker, now, kind, "bad luck", null, checkpoint));
    }

    private void succeed(int attempt, WorkerId worker) {
        var found = FakeWorkers.find(events.stream().filter(JobEvent.TaskPublished.class::isInstance).map(
                event -> ((JobEvent.TaskPublished) event).task().work()).findFirst().orElseThrow());
        report(new TaskReport.Succeeded(task(), attempt, worker, now, found.outputs(), found.facts(), FakeWorkers
                .usage(), false));
    }

    private void report(TaskReport report) {
        give(new Input.Reported(report, now));
    }

    private void tick(Duration passed) {
        now = now.plus(passed);
        give(new Input.Ticked(now));
    }

    /** Every task is published as soon as it may be. */
    private void give(Input input) {
        decide(input);
        decide(new Input.Dispatched(Demand.of(job).waiting().stream().map(Demand.Waiting::task).toList(), now));
    }

    private void decide(Input input) {
        for (JobEvent event : new Decider(POLICY).decide(job, input)) {
            job = Job.replay(job, event);
            events.add(event);
        }
    }
}
