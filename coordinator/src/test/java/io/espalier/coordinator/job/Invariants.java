package io.espalier.coordinator.job;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.Task;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What must hold after every event of every job, whatever happened before. */
final class Invariants {
    private final Set<TaskId> done = new HashSet<>();
    private final Map<TaskId, Integer> published = new HashMap<>();

    void check(Job before, JobEvent event, Job after) {
        if (before != null && !(event instanceof JobEvent.WithoutEffect)) {
            require(after.revision() == before.revision() + 1, "revisions rise by one", after, event);
        }
        long open = after.stages().stream().filter(StageRun::open).count();
        require(open <= 1, "at most one stage is open", after, event);
        boolean gap = false;
        for (StageRun stage : after.stages()) {
            require(!(gap && stage.openedAt() != null), "stages open in order", after, event);
            gap |= !stage.closed();
            require(!stage.closed() || stage.tasks().stream().allMatch(TaskRun::done),
                    "a closed stage has no open task", after, event);
            require(stage.closed() || stage.tasks().stream().allMatch(task -> task.done() || task.work() != null),
                    "an open task knows its work", after, event);
        }
        require(!(after.state() instanceof JobState.Succeeded) || after.stages().stream().allMatch(StageRun::closed),
                "a job succeeds with its last stage", after, event);
        if (event instanceof JobEvent.TaskPublished(Task task, var _)) {
            require(before.state() instanceof JobState.Running, "only running jobs publish", after, event);
            require(task.attempt() > published.getOrDefault(task.id(), 0), "attempts rise", after, event);
        }
        if (event instanceof JobEvent.TaskDone finished) {
            require(!done.contains(finished.task()), "no task is done twice", after, event);
        }
    }

    /** Only what is committed has happened. */
    void committed(JobEvent event) {
        switch (event) {
            case JobEvent.TaskDone finished -> done.add(finished.task());
            case JobEvent.TaskPublished(Task task, var _) -> published.put(task.id(), task.attempt());
            default -> {
            } // of no concern
        }
    }

    /** A crash: what the successor reads must hold all that is committed. */
    void forgetUncommitted(Map<JobId, Job> committed) {
        for (TaskId task : done) {
            boolean known = committed.get(task.job()).task(task).map(TaskRun::done).orElse(true); // folded rounds
            if (!known) {
                throw new AssertionError("task " + task + " was done and is forgotten");
            }
        }
    }

    private static void require(boolean holds, String invariant, Job job, JobEvent event) {
        if (!holds) {
            throw new AssertionError("'" + invariant + "' does not hold after " + event + " of " + job);
        }
    }
}
