package io.espalier.coordinator.job;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.Command;
import java.util.List;

/** Decides what follows from an input; changes nothing. */
public final class Decider {
    private final AttemptPolicy policy;
    private final Attempts attempts;

    public Decider(AttemptPolicy policy) {
        this.policy = policy;
        this.attempts = new Attempts(policy);
    }

    /** @param job null where there is none of that id */
    public List<JobEvent> decide(Job job, Input input) {
        var decision = new Decision(job, input.at());
        boolean exists = job != null && !(job.state() instanceof JobState.Deleted);
        switch (input) {
            case Input.Submitted submitted -> submit(exists, decision, submitted);
            case Input.Commanded commanded when exists -> obey(decision, commanded.command());
            case Input.Reported reported when exists -> attempts.on(decision, reported.report());
            case Input.Dispatched dispatched when exists -> dispatch(decision, dispatched);
            case Input.Ticked _ when exists && job.isOpen() -> tick(decision);
            case Input.Defect defect when exists && job.isOpen() -> decision.fail(defect.message(), defect.detail(),
                    job.current().map(StageRun::name).orElse(null), null);
            case Input.Commanded _,Input.Reported _,Input.Dispatched _,Input.Ticked _,Input.Defect _ -> {
                // about a job that is not there or has ended: the shell says so where it matters
            }
        }
        return decision.events();
    }

    private static void submit(boolean exists, Decision decision, Input.Submitted submitted) {
        if (!exists) {
            decision.record(new JobEvent.JobAccepted(submitted.job(), submitted.request(), submitted.submission(),
                    Pipeline.of(submitted.request()), submitted.trace(), submitted.at()));
            decision.advance();
        } else if (!decision.job().submission().equals(submitted.submission())) {
            refuse(decision, "submit", "job " + submitted.job() + " is another request"
                    + Difference.sentence(decision.job().request(), submitted.request()));
        }
    }

    private static void obey(Decision decision, Command command) {
        switch (command) {
            case Command.Cancel _ -> cancel(decision);
            case Command.Pause _ -> pause(decision);
            case Command.Resume _ -> resume(decision);
            case Command.Retry _ -> retry(decision);
            case Command.Delete _ -> delete(decision);
            case Command.Submit _ -> throw new IllegalArgumentException("a submission is an input of its own");
        }
    }

    private static void cancel(Decision decision) {
        switch (decision.job().state()) {
            case JobState.Running _,JobState.Paused _ -> decision.record(new JobEvent.JobCancelled(decision.at()));
            case JobState.Cancelled _ -> {
            }
            case JobState.Succeeded _,JobState.Failed _,JobState.Deleted _ -> refuse(decision, "cancel");
        }
    }

    private static void pause(Decision decision) {
        switch (decision.job().state()) {
            case JobState.Running _ -> decision.record(new JobEvent.JobPaused(decision.at()));
            case JobState.Paused _ -> {
            }
            case JobState.Cancelled _,JobState.Succeeded _,JobState.Failed _,JobState.Deleted _ -> refuse(decision,
                    "pause");
        }
    }

    private static void resume(Decision decision) {
        switch (decision.job().state()) {
            case JobState.Paused _ -> goOn(decision, new JobEvent.JobResumed(decision.at()));
            case JobState.Running _ -> {
            }
            case JobState.Cancelled _,JobState.Succeeded _,JobState.Failed _,JobState.Deleted _ -> refuse(decision,
                    "resume");
        }
    }

    private static void retry(Decision decision) {
        switch (decision.job().state()) {
            case JobState.Failed _,JobState.Cancelled _ -> goOn(decision, new JobEvent.JobRetried(decision.at()));
            case JobState.Running _ -> {
            }
            case JobState.Paused _,JobState.Succeeded _,JobState.Deleted _ -> refuse(decision, "retry");
        }
    }

    private static void delete(Decision decision) {
        switch (decision.job().state()) {
            case JobState.Succeeded _,JobState.Failed _,JobState.Cancelled _ -> decision.record(
                    new JobEvent.JobDeleted(decision.at()));
            case JobState.Running _,JobState.Paused _ -> refuse(decision, "delete", "cancel the job first");
            case JobState.Deleted _ -> {
            }
        }
    }

    private static void goOn(Decision decision, JobEvent event) {
        decision.record(event);
        decision.advance();
    }

    private void tick(Decision decision) {
        decision.job().current().ifPresent(stage -> stage.tasks().forEach(task -> giveUpSilent(decision, task)));
    }

    private void giveUpSilent(Decision decision, TaskRun task) {
        if (decision.job().isOpen() && task.state() instanceof TaskState.Working working
                && working.heardAt().plus(policy.silence()).isBefore(decision.at())) {
            attempts.giveUp(decision, task, working);
        }
    }

    private static void dispatch(Decision decision, Input.Dispatched dispatched) {
        for (TaskId id : dispatched.tasks()) {
            decision.job().task(id).filter(task -> task.isDue(decision.at())
                    && decision.job().state() instanceof JobState.Running).ifPresent(decision::publish);
        }
    }

    private static void refuse(Decision decision, String command) {
        refuse(decision, command, "the job is " + decision.job().publicState());
    }

    private static void refuse(Decision decision, String command, String reason) {
        decision.record(new JobEvent.CommandRefused(command, reason, decision.at()));
    }
}
