package io.espalier.bench.simulation;

import io.espalier.coordinator.job.AttemptPolicy;
import io.espalier.coordinator.job.Decider;
import io.espalier.coordinator.job.Demand;
import io.espalier.coordinator.job.Dispatcher;
import io.espalier.coordinator.job.Input;
import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.request.PruningRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Discrete-event simulation of one coordinator and many workers: the real {@link Decider} says what follows, the real
 * {@link Dispatcher} whose turn it is; published tasks wait in a queue, a worker is a machine that does tasks of every kind
 * one at a time, equal work done before is answered from the cache as {@code StageCache} does, and the coordinator takes one
 * input at a time. Nobody fails here.
 */
final class Deployment {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    /** As many more tasks are published than workers can be at: see {@code coordinator.log.Windows}. */
    private static final int WORKERS_PER_SPARE = 4;
    private static final TaskReport.Usage NO_USAGE = new TaskReport.Usage(0, 0, 0);

    private final Imagined imagined;
    private final ToDoubleFunction<Work> seconds;
    private final double decisionSeconds;
    private final double cachedSeconds;
    private final Decider decider = new Decider(AttemptPolicy.forLease(Duration.ofDays(1)));
    private final Dispatcher dispatcher = new Dispatcher(true);
    private final Map<WorkerKind, Integer> windows = new EnumMap<>(WorkerKind.class);
    private final Map<JobId, Job> jobs = new LinkedHashMap<>();
    /** Of the open jobs. */
    private final Map<JobId, Demand> demands = new LinkedHashMap<>();
    private final Queue<Task> waiting = new ArrayDeque<>();
    private int idle;
    private double busy;
    private final Set<Work> done = new HashSet<>();
    private final Map<Work, Imagined.Found> found;
    private final PriorityQueue<Planned> plan = new PriorityQueue<>();
    private double now;
    private double coordinatorFreeAt;
    private double coordinatorBusy;
    private long planned;
    private long reports;

    private record Planned(double at, long number, Runnable action) implements Comparable<Planned> {
        @Override
        public int compareTo(Planned other) {
            int byTime = Double.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /**
     * What came out.
     *
     * @param makespan    virtual seconds until the last job was done
     * @param busy        virtual seconds that workers computed
     * @param coordinator virtual seconds that the coordinator decided
     * @param reports     that it took
     */
    record Outcome(double makespan, double busy, double coordinator, long reports) {}

    /**
     * @param workers         how many tasks are worked on at a time
     * @param seconds         of a task
     * @param decisionSeconds of one input at the coordinator
     * @param cachedSeconds   of a task that the cache answers
     * @param found           results that an earlier run imagined, shared because they cost most of the time
     */
    Deployment(int workers, Imagined imagined, ToDoubleFunction<Work> seconds,
            double decisionSeconds, double cachedSeconds, Map<Work, Imagined.Found> found) {
        this.imagined = imagined;
        this.seconds = seconds;
        this.decisionSeconds = decisionSeconds;
        this.cachedSeconds = cachedSeconds;
        this.found = found;
        this.idle = workers;
        for (WorkerKind kind : WorkerKind.values()) {
            windows.put(kind, workers + Math.ceilDiv(workers, WORKERS_PER_SPARE));
        }
    }

    void submit(String name, PruningRequest request) {
        var id = new JobId(name);
        say(new Input.Submitted(id, request, name, instant(0)), id);
    }

    /** @throws IllegalStateException if a job does not succeed */
    Outcome run() {
        while (!plan.isEmpty()) {
            Planned next = plan.poll();
            now = next.at();
            next.action().run();
        }
        jobs.values().forEach(job -> {
            if (job.publicState() != JobSnapshot.State.SUCCEEDED) {
                throw new IllegalStateException("the simulated job " + job.id() + " ended as " + job.state());
            }
        });
        return new Outcome(now, busy, coordinatorBusy, reports);
    }

    private void say(Input input, JobId id) {
        coordinatorFreeAt = Math.max(now, coordinatorFreeAt) + decisionSeconds;
        coordinatorBusy += decisionSeconds;
        at(coordinatorFreeAt, () -> decide(input, id));
    }

    private void decide(Input input, JobId id) {
        replay(input, id);
        dispatcher.choose(List.copyOf(demands.values()), windows, instant(now))
                .forEach((job, tasks) -> replay(new Input.Dispatched(tasks, instant(now)), job));
        startWaiting();
    }

    private void replay(Input input, JobId id) {
        Job job = jobs.get(id);
        for (JobEvent event : decider.decide(job, input)) {
            job = Job.replay(job, event);
            if (event instanceof JobEvent.TaskPublished published) {
                waiting.add(published.task());
            }
        }
        jobs.put(id, job);
        if (job.isOpen()) {
            demands.put(id, Demand.of(job));
        } else {
            demands.remove(id);
        }
    }

    private void startWaiting() {
        while (idle > 0 && !waiting.isEmpty()) {
            idle--;
            start(waiting.poll());
        }
    }

    private void start(Task task) {
        var worker = new WorkerId(task.work().worker().label() + "-worker");
        boolean cached = done.contains(task.work());
        double took = cached ? cachedSeconds : seconds.applyAsDouble(task.work());
        busy += took;
        report(new TaskReport.Started(task.id(), task.attempt(), worker, instant(now), null));
        at(now + took, () -> {
            done.add(task.work());
            Imagined.Found result = found.computeIfAbsent(task.work(), imagined::find);
            report(new TaskReport.Succeeded(task.id(), task.attempt(), worker, instant(now), result.outputs(),
                    result.facts(), NO_USAGE, cached));
            idle++;
            startWaiting();
        });
    }

    private void report(TaskReport report) {
        reports++;
        say(new Input.Reported(report, instant(now)), report.task().job());
    }

    private void at(double time, Runnable action) {
        plan.add(new Planned(time, planned++, action));
    }

    private static Instant instant(double seconds) {
        return START.plusNanos((long) (seconds * 1e9));
    }
}
