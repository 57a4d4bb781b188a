package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.EqualWork;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /**
     * Turns are fair: windows are never overfilled and never left open while a task is due; no team gets a place while
     * another one that waits holds two fewer; and within a team nothing goes before what is more urgent or older. Work
     * that equals what is begun is not due; and no two tasks with equal work are ever under way.
     */
    void checkTurns(List<Demand> demands, Map<JobId, List<TaskId>> turns, Map<WorkerKind, Integer> windows,
            Instant now) {
        Set<ObjectNode> begun = begun(demands, turns);
        for (WorkerKind kind : WorkerKind.values()) {
            int held = demands.stream().mapToInt(demand -> demand.held().getOrDefault(kind, 0)).sum();
            Map<String, Integer> teams = new HashMap<>();
            List<Demand> waiting = new ArrayList<>();
            int due = 0;
            int chosen = 0;
            for (Demand demand : demands) {
                int mine = chosen(demand, turns, kind);
                int wanted = due(demand, turns, kind, now, begun);
                teams.merge(demand.team(), demand.held().getOrDefault(kind, 0) + mine, Integer::sum);
                due += wanted;
                chosen += mine;
                if (wanted > mine) {
                    waiting.add(demand);
                }
            }
            int free = Math.max(0, windows.get(kind) - held);
            requireTurns(chosen == Math.min(free, due), "free places are filled and no more", demands, turns);
            for (Demand left : waiting) {
                for (Demand other : demands) {
                    if (chosen(other, turns, kind) > 0) {
                        requireTurns(other.team().equals(left.team())
                                ? Demand.BY_TURN.compare(other, left) <= 0
                                : teams.get(other.team()) <= teams.get(left.team()) + 1,
                                "turns are fair", demands, turns);
                    }
                }
            }
        }
    }

    private static int chosen(Demand demand, Map<JobId, List<TaskId>> turns, WorkerKind kind) {
        List<TaskId> mine = turns.getOrDefault(demand.job(), List.of());
        return (int) demand.waiting().stream().filter(task -> task.kind() == kind && mine.contains(task.task()))
                .count();
    }

    /** Chosen, or left although it could have been. */
    private static int due(Demand demand, Map<JobId, List<TaskId>> turns, WorkerKind kind, Instant now,
            Set<ObjectNode> begun) {
        List<TaskId> mine = turns.getOrDefault(demand.job(), List.of());
        return (int) demand.waiting().stream().filter(task -> task.kind() == kind && !task.due().isAfter(now))
                .filter(task -> mine.contains(task.task()) || !reduced(task.work()).map(begun::contains).orElse(false))
                .count();
    }

    private Set<ObjectNode> begun(List<Demand> demands, Map<JobId, List<TaskId>> turns) {
        Set<ObjectNode> begun = new HashSet<>();
        demands.stream().flatMap(demand -> demand.begun().stream()).forEach(task -> reduced(task.work()).ifPresent(
                begun::add));
        for (Demand demand : demands) {
            List<TaskId> mine = turns.getOrDefault(demand.job(), List.of());
            demand.waiting().stream().filter(task -> mine.contains(task.task())).forEach(task -> reduced(task.work())
                    .ifPresent(work -> requireTurns(begun.add(work), "equal work begins once", demands, turns)));
        }
        return begun;
    }

    private static Optional<ObjectNode> reduced(Work work) {
        return work == null ? Optional.empty() : EqualWork.of(work);
    }

    private static void requireTurns(boolean holds, String invariant, List<Demand> demands,
            Map<JobId, List<TaskId>> turns) {
        if (!holds) {
            throw new AssertionError("'" + invariant + "' does not hold: " + turns + " of " + demands);
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
