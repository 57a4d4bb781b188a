package io.espalier.coordinator.job;

/**
 * What some tasks of a stage took together.
 *
 * @param busySeconds     wall time of the attempts that succeeded
 * @param peakMemoryBytes greatest peak of any of them
 * @param fromCache       how many were answered by an earlier equal task
 * @param generations     what was measured of candidates
 */
public record Totals(int tasks, int done, int attempts, double queuedSeconds, double busySeconds, long tokens,
        long peakMemoryBytes, int fromCache, Generations generations) {
    static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0, Generations.NONE);

    public Totals {
        generations = generations == null ? Generations.NONE : generations;
    }

    static Totals of(TaskRun task) {
        return task.state() instanceof TaskState.Done done && done.usage() != null
                ? new Totals(1, 1, task.attempts(), task.queuedSeconds(), done.usage().busySeconds(),
                        done.usage().tokens(), done.usage().peakMemoryBytes(), done.fromCache() ? 1 : 0,
                        Generations.of(task))
                : new Totals(1, task.done() ? 1 : 0, task.attempts(), task.queuedSeconds(), 0, 0, 0, 0,
                        Generations.NONE);
    }

    Totals plus(Totals more) {
        return new Totals(tasks + more.tasks, done + more.done, attempts + more.attempts,
                queuedSeconds + more.queuedSeconds, busySeconds + more.busySeconds, tokens + more.tokens,
                Math.max(peakMemoryBytes, more.peakMemoryBytes), fromCache + more.fromCache,
                generations.plus(more.generations));
    }
}
