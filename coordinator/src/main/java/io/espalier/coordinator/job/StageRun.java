package io.espalier.coordinator.job;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.StageName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A stage of one job and what became of it so far.
 *
 * @param step   step of an iterative pruning, from 1
 * @param round  latest round opened, -1 before the first
 * @param tasks  tasks of the latest rounds; those of older ones are only counted
 * @param folded what the older rounds came to
 */
public record StageRun(StageName name, int step, Instant openedAt, Instant closedAt, int round, List<TaskRun> tasks,
        Totals folded) {
    /** Rounds that the next one may build on: the one just done and the one before it. */
    private static final int ROUNDS_KEPT = 2;
    private static final int ROUNDS_EXPECTED = 8;

    public StageRun {
        tasks = List.copyOf(tasks);
    }

    static StageRun waiting(StageName name, int step) {
        return new StageRun(name, step, null, null, -1, List.of(), Totals.NONE);
    }

    boolean open() {
        return openedAt != null && closedAt == null;
    }

    public boolean closed() {
        return closedAt != null;
    }

    List<TaskRun> round(int wanted) {
        return tasks.stream().filter(task -> task.id().round() == wanted).toList();
    }

    /** Whether every task of the latest round is done. */
    boolean roundDone() {
        return tasks.stream().filter(task -> task.id().round() == round).allMatch(TaskRun::done);
    }

    public Optional<TaskRun> task(TaskId id) {
        return tasks.stream().filter(task -> task.id().equals(id)).findFirst();
    }

    /**
     * Share done, 0 to 1, each task by its effort where all are known. How many rounds a search takes is known only to the
     * method: the estimate approaches 1 and never gets there.
     */
    public double progress() {
        if (closed()) {
            return 1;
        }
        double latest = ratio(round(round));
        double rounds = Math.max(0, round) + latest;
        return switch (name) {
            case SEARCH -> rounds / (rounds + ROUNDS_EXPECTED);
            case SELECT -> rounds / SelectStage.ROUNDS;
            default -> latest;
        };
    }

    private static double ratio(List<TaskRun> tasks) {
        if (tasks.stream().anyMatch(task -> task.effort() <= 0)) {
            return tasks.stream().mapToDouble(TaskRun::ratio).average().orElse(0);
        }
        double done = tasks.stream().mapToDouble(task -> task.effort() * task.ratio()).sum();
        double all = tasks.stream().mapToDouble(TaskRun::effort).sum();
        return all == 0 ? 0 : Math.min(1, done / all);
    }

    Totals totals() {
        return tasks.stream().map(Totals::of).reduce(folded, Totals::plus);
    }

    StageRun opened(Instant at) {
        return new StageRun(name, step, at, null, round, tasks, folded);
    }

    StageRun close(Instant at) {
        return new StageRun(name, step, openedAt, at, round, tasks, folded);
    }

    StageRun with(TaskRun task) {
        List<TaskRun> next = new ArrayList<>(tasks);
        int place = 0;
        while (place < next.size() && !next.get(place).id().equals(task.id())) {
            place++;
        }
        if (place < next.size()) {
            next.set(place, task);
        } else {
            next.add(task);
        }
        return new StageRun(name, step, openedAt, closedAt, Math.max(round, task.id().round()), next, folded);
    }

    StageRun mapTasks(UnaryOperator<TaskRun> change) {
        return new StageRun(name, step, openedAt, closedAt, round, tasks.stream().map(change).toList(), folded);
    }

    /** Forgets the tasks of rounds that no later one can ask for, once {@code next} opens. */
    StageRun fold(int next) {
        if (name == StageName.SELECT) {
            return this; // few rounds, and the choice rests on all of them
        }
        Totals total = old(next).map(Totals::of).reduce(folded, Totals::plus);
        List<TaskRun> kept = tasks.stream().filter(task -> task.id().round() >= next - ROUNDS_KEPT).toList();
        return new StageRun(name, step, openedAt, closedAt, round, kept, total);
    }

    private Stream<TaskRun> old(int next) {
        return tasks.stream().filter(task -> task.id().round() < next - ROUNDS_KEPT);
    }
}
