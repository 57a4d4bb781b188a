package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.TaskReport;
import java.time.Instant;

/**
 * What follows from what workers say. The first success wins, whichever attempt it comes from, because equal work has
 * equal results; everything else an older attempt says is stale.
 */
final class Attempts {
    private final AttemptPolicy policy;

    Attempts(AttemptPolicy policy) {
        this.policy = policy;
    }

    void on(Decision decision, TaskReport report) {
        TaskRun task = decision.job().task(report.task()).orElse(null);
        String stale = stale(decision.job(), task, report);
        if (stale != null) {
            decision.record(new JobEvent.ReportDropped(report, stale, decision.at()));
            return;
        }
        switch (report) {
            case TaskReport.Started started -> start(decision, started, started.environment());
            case TaskReport.Progress progress -> progress(decision, task, progress);
            case TaskReport.Succeeded succeeded -> succeed(decision, succeeded);
            case TaskReport.Failed failed -> fail(decision, failed);
        }
    }

    /** Why a report has no effect, null if it has one. */
    private static String stale(Job job, TaskRun task, TaskReport report) {
        if (!job.isOpen()) {
            return "the job is " + job.publicState();
        }
        if (task == null) {
            return "no such task";
        }
        if (task.done()) {
            return "the task is done";
        }
        if (report instanceof TaskReport.Succeeded) {
            return null;
        }
        if (report.attempt() < task.state().attempt()) {
            return "attempt " + task.state().attempt() + " came after it";
        }
        boolean current = task.state() instanceof TaskState.Working working && report.attempt() == working.attempt();
        boolean sameWorker = task.state() instanceof TaskState.Working working
                && report.worker().equals(working.worker());
        if (report instanceof TaskReport.Started) {
            return current && sameWorker ? "said before" : null;
        }
        return current && !sameWorker ? "another worker has the attempt" : null;
    }

    private void start(Decision decision, TaskReport report, ObjectNode environment) {
        decision.record(new JobEvent.AttemptStarted(report.task(), report.attempt(), report.worker(), environment,
                decision.at()));
        TaskRun task = decision.job().task(report.task()).orElseThrow();
        if (task.failures() >= policy.limit()) {
            failLost(decision, task, report.worker());
        }
    }

    private void progress(Decision decision, TaskRun task, TaskReport.Progress progress) {
        boolean begun = task.state() instanceof TaskState.Working working && working.attempt() == progress.attempt();
        if (!begun) {
            start(decision, progress, null);
        }
        if (!decision.job().isOpen()) {
            return;
        }
        decision.record(new JobEvent.AttemptProgressed(progress.task(), Math.clamp(progress.ratio(), 0, 1),
                progress.tokens(), progress.message(), progress.checkpoint(), decision.at()));
    }

    private static void succeed(Decision decision, TaskReport.Succeeded succeeded) {
        decision.record(new JobEvent.TaskDone(succeeded.task(), succeeded.attempt(), succeeded.worker(),
                succeeded.outputs(), succeeded.facts(), succeeded.usage(), succeeded.fromCache(), decision.at()));
        decision.advance();
    }

    private void fail(Decision decision, TaskReport.Failed failed) {
        StageName stage = decision.job().stages().get(failed.task().stage()).name();
        switch (failed.kind()) {
            case DRAINED -> decision.record(new JobEvent.AttemptDrained(failed.task(), failed.attempt(), failed
                    .checkpoint(), decision.at()));
            case HELD -> decision.record(new JobEvent.AttemptHeld(failed.task(), failed.attempt(), failed
                    .checkpoint(), decision.at()));
            case PERMANENT -> decision.fail(failed.message(), failed.detail(), stage, failed.task());
            case TRANSIENT, OUT_OF_MEMORY -> tryAgain(decision, stage, failed);
        }
    }

    private void tryAgain(Decision decision, StageName stage, TaskReport.Failed failed) {
        TaskRun task = decision.job().task(failed.task()).orElseThrow();
        int failures = task.reached(failed.checkpoint()).failures() + 1;
        boolean memory = failed.kind() == FailureKind.OUT_OF_MEMORY;
        Instant retryAt = memory ? decision.at() : decision.at().plus(policy.delay(failures));
        decision.record(new JobEvent.AttemptFailed(failed.task(), failed.attempt(), failed.kind(), failed.message(),
                failed.checkpoint(), memory ? task.workerHint() * 2 : task.workerHint(), retryAt, decision.at()));
        if (failures >= policy.limit()) {
            decision.fail(failed.message() + " (given up after " + failures + " attempts)", failed.detail(), stage,
                    failed.task());
        }
    }

    /** A worker has said nothing for too long: its task goes to another one. */
    void giveUp(Decision decision, TaskRun task, TaskState.Working working) {
        decision.record(new JobEvent.AttemptTimedOut(task.id(), working.attempt(), working.worker(), decision.at()));
        if (task.failures() + 1 >= policy.limit()) {
            failLost(decision, task, working.worker());
        }
    }

    private void failLost(Decision decision, TaskRun task, WorkerId last) {
        StageName stage = decision.job().stages().get(task.id().stage()).name();
        decision.fail("lost the worker of " + Timeline.task(decision.job(), task.id()) + " " + policy.limit()
                + " times, last " + last, null, stage, task.id());
    }
}
