package io.espalier.coordinator.job;

import io.espalier.coordinator.FakeWorkers;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.Control.Wish;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Coordinator, broker, workers and users in one thread with virtual time. Everything that may go wrong does so by a
 * seeded chance: the coordinator dies before it commits, workers die, stall past their lease, fail or drain, reports come
 * late, out of order and twice, the queue loses tasks without a word, users change their minds. Invariants are checked
 * after every event.
 */
final class Simulation {
    static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration LOOK_FOR_LOST = Duration.ofSeconds(10);
    private static final int WORKERS = 3;
    private static final Map<WorkerKind, Integer> WINDOWS = Arrays.stream(WorkerKind.values()).collect(Collectors
            .toMap(kind -> kind, _ -> WORKERS + 1));
    private static final Map<Work, FakeWorkers.Found> RESULTS = new ConcurrentHashMap<>();

    /** Something that happens at a time; equal times in the order in which they were planned. */
    private record Planned(Instant at, long number, Runnable action) implements Comparable<Planned> {
        @Override
        public int compareTo(Planned other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** A record of a task topic as the share group sees it. */
    private static final class Delivery {
        private final Task task;
        private int count;
        private int lease; // rises with every change of hands: an older holder has lost it
        private boolean taken;
        private boolean settled;

        private Delivery(Task task) {
            this.task = task;
        }
    }

    private final Random random;
    private final boolean chaos;
    private final Consumer<JobEvent> watcher;
    private final Decider decider = new Decider(AttemptPolicy.forLease(LEASE));
    private final Dispatcher dispatcher = new Dispatcher(true);
    private final PriorityQueue<Planned> plan = new PriorityQueue<>();
    private final List<Input> inputs = new ArrayList<>();
    private final List<Delivery> topic = new ArrayList<>();
    private final Map<JobId, Wish> wishes = new HashMap<>();
    private final Invariants invariants = new Invariants();
    private Map<JobId, Job> committed = new HashMap<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Instant chaosUntil = now.plus(Duration.ofMinutes(4));
    private MissingTasks missing = new MissingTasks();
    private long planned;
    private long steps;
    private int lost;

    /** @param watcher is told every event that is committed */
    Simulation(long seed, boolean chaos, Consumer<JobEvent> watcher) {
        this.watcher = watcher;
        this.random = new Random(seed);
        this.chaos = chaos;
        if (!chaos) {
            chaosUntil = now;
        }
        after(TICK, this::coordinate);
        after(LOOK_FOR_LOST, this::lookForLost);
        for (int i = 0; i < WORKERS; i++) {
            int worker = i;
            after(TICK, () -> poll(worker));
        }
    }

    void submit(JobId id, PruningRequest request, String digest) {
        after(delay(), () -> inputs.add(new Input.Submitted(id, request, digest, now)));
        if (luck(0.3)) { // by mistake, once more
            after(delay(), () -> inputs.add(new Input.Submitted(id, request, digest, now)));
        }
        while (luck(0.4)) {
            after(Duration.ofSeconds(random.nextInt(120)), () -> say(switch (random.nextInt(4)) {
                case 0 -> new Command.Pause(id);
                case 1 -> new Command.Resume(id);
                case 2 -> new Command.Retry(id);
                default -> new Command.Cancel(id);
            }));
        }
    }

    /** Runs until all jobs have ended well; what users stopped is taken up again once the chaos is over. */
    Map<JobId, Job> run(int jobs) {
        while (!plan.isEmpty()) {
            Planned next = plan.poll();
            now = next.at();
            next.action().run();
            if (++steps > 20_000) {
                throw new AssertionError("stuck: " + committed.values());
            }
            if (finished() && committed.size() == jobs) {
                return committed;
            }
        }
        throw new AssertionError("nothing more happens: " + committed.values());
    }

    /** Tasks that the queue lost. */
    int lost() {
        return lost;
    }

    private boolean finished() {
        if (calm() && steps % 50 == 0) {
            for (Job job : committed.values()) {
                switch (job.state()) {
                    case JobState.Failed _,JobState.Cancelled _ -> say(new Command.Retry(job.id()));
                    case JobState.Paused _ -> say(new Command.Resume(job.id()));
                    case JobState.Running _,JobState.Succeeded _,JobState.Deleted _ -> {
                    }
                }
            }
        }
        return committed.values().stream().allMatch(job -> job
                .state() instanceof JobState.Succeeded);
    }

    private boolean calm() {
        return !now.isBefore(chaosUntil);
    }

    private boolean luck(double chance) {
        return chaos && !calm() && random.nextDouble() < chance;
    }

    private void say(Command command) {
        inputs.add(new Input.Commanded(command, now));
    }

    // the coordinator: one transaction, or a death before its commit

    private void coordinate() {
        Map<JobId, Job> state = new HashMap<>(committed);
        List<JobEvent> events = new ArrayList<>();
        int taken = inputs.isEmpty() ? 0 : 1 + random.nextInt(inputs.size());
        for (Input input : inputs.subList(0, taken)) {
            decide(state, jobOf(input), at(input), events);
        }
        for (JobId id : List.copyOf(state.keySet())) {
            decide(state, id, new Input.Ticked(now), events);
        }
        dispatch(state, events);
        if (luck(0.03)) {
            restore();
            after(Duration.ofSeconds(1 + random.nextInt(20)), this::coordinate);
            return;
        }
        committed = state;
        inputs.subList(0, taken).clear();
        events.forEach(this::publish);
        after(luck(0.1) ? Duration.ofSeconds(random.nextInt(40)) : TICK, this::coordinate);
    }

    private void dispatch(Map<JobId, Job> state, List<JobEvent> events) {
        List<Demand> demands = state.values().stream().filter(Job::isOpen).map(Demand::of).toList();
        Map<JobId, List<TaskId>> turns = dispatcher.choose(demands, WINDOWS, now);
        invariants.checkTurns(demands, turns, WINDOWS, now);
        turns.forEach((id, tasks) -> decide(state, id, new Input.Dispatched(tasks, now), events));
    }

    private void decide(Map<JobId, Job> state, JobId id, Input input, List<JobEvent> events) {
        Job job = state.get(id);
        for (JobEvent event : decider.decide(job, input)) {
            Job next = Job.replay(job, event);
            invariants.check(job, event, next);
            job = next;
            events.add(event);
        }
        if (job != null) {
            state.put(id, job);
        }
    }

    private static JobId jobOf(Input input) {
        return switch (input) {
            case Input.Submitted submitted -> submitted.job();
            case Input.Commanded commanded -> commanded.command().job();
            case Input.Reported reported -> reported.report().task().job();
            case Input.Dispatched _,Input.Ticked _,Input.Defect _ ->
                throw new IllegalArgumentException("not about a job");
        };
    }

    /** Inputs are dated when they are read. */
    private Input at(Input input) {
        return switch (input) {
            case Input.Submitted s -> new Input.Submitted(s.job(), s.request(), s.submission(), now);
            case Input.Commanded c -> new Input.Commanded(c.command(), now);
            case Input.Reported r -> new Input.Reported(r.report(), now);
            case Input.Dispatched d -> new Input.Dispatched(d.tasks(), now);
            case Input.Ticked _ -> new Input.Ticked(now);
            case Input.Defect d -> new Input.Defect(d.message(), d.detail(), now);
        };
    }

    /** As {@code LostTasks} does it; a report too many is one more thing that must do no harm. */
    private void lookForLost() {
        Set<MissingTasks.Published> published = MissingTasks.published(committed.values().stream().filter(Job::isOpen)
                .toList());
        Set<TaskId> queued = topic.stream().filter(delivery -> !delivery.settled).map(delivery -> delivery.task.id())
                .collect(Collectors.toSet());
        missing.look(published, Arrays.stream(WorkerKind.values()).collect(Collectors.toMap(kind -> kind, _ -> queued)))
                .forEach(each -> report(new TaskReport.Failed(each.task(), each.attempt(), new WorkerId("broker"), now,
                        FailureKind.TRANSIENT, "lost", null, null), delay()));
        after(LOOK_FOR_LOST, this::lookForLost);
    }

    /** What a successor reads from the log. */
    private void restore() {
        missing = new MissingTasks();
        invariants.forgetUncommitted(committed);
        committed.replaceAll((_, job) -> {
            try {
                return Json.events().readValue(Json.events().writeValueAsBytes(job), Job.class);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void publish(JobEvent event) {
        invariants.committed(event);
        watcher.accept(event);
        switch (event) {
            case JobEvent.TaskPublished published -> topic.add(new Delivery(published.task()));
            case JobEvent.JobAccepted accepted -> wishes.put(accepted.job(), Wish.RUN);
            default -> {
            } // wishes follow the committed state, see wish()
        }
    }

    private Wish wish(Task task) {
        Job job = committed.get(task.id().job());
        return switch (job.state()) {
            case JobState.Running _ -> Wish.RUN;
            case JobState.Paused _ -> Wish.HOLD;
            case JobState.Succeeded _,JobState.Failed _,JobState.Cancelled _,JobState.Deleted _ -> Wish.STOP;
        };
    }

    // workers: poll, work, say, settle

    private void poll(int worker) {
        Delivery next = topic.stream().filter(delivery -> !delivery.taken && !delivery.settled).findFirst()
                .orElse(null);
        topic.removeIf(delivery -> delivery.settled);
        if (next != null && luck(0.03)) { // delivered too often, as the queue counts
            lost++;
            settle(next, worker);
            return;
        }
        if (next == null) {
            after(TICK, () -> poll(worker));
            return;
        }
        next.taken = true;
        next.count++;
        next.lease++;
        int attempt = next.task.attempt() + next.count - 1;
        switch (wish(next.task)) {
            case STOP -> settle(next, worker);
            case HOLD -> {
                report(new TaskReport.Failed(next.task.id(), attempt, id(worker, attempt), now, FailureKind.HELD,
                        "paused", null, null), Duration.ZERO);
                settle(next, worker);
            }
            case RUN -> work(worker, next, attempt);
        }
    }

    private void work(int worker, Delivery delivery, int attempt) {
        TaskId task = delivery.task.id();
        var self = id(worker, attempt);
        int lease = delivery.lease;
        report(new TaskReport.Started(task, attempt, self, now, null), delay());
        Duration took = Duration.ofMillis(500 + random.nextInt(20_000));
        if (luck(0.5)) {
            after(took.dividedBy(2), () -> report(new TaskReport.Progress(task, attempt, self, now, random
                    .nextDouble(), 1, null, null), delay()));
        }
        double fate = chaos && !calm() ? random.nextDouble() : 1;
        if (fate < 0.12) { // killed: nothing is said, the lease runs out, another process takes its place
            after(LEASE, () -> giveBack(delivery, lease));
            after(LEASE, () -> poll(worker));
        } else if (fate < 0.22) { // stalled past its lease, then goes on as if nothing had happened
            after(LEASE, () -> giveBack(delivery, lease));
            after(LEASE.multipliedBy(1 + random.nextInt(6)), () -> succeed(worker, delivery, attempt));
        } else if (fate < 0.40) {
            after(took, () -> fail(worker, delivery, attempt));
        } else {
            after(took, () -> succeed(worker, delivery, attempt));
        }
    }

    private void succeed(int worker, Delivery delivery, int attempt) {
        FakeWorkers.Found found = RESULTS.computeIfAbsent(withoutTimes(delivery.task.work()), FakeWorkers::find);
        report(new TaskReport.Succeeded(delivery.task.id(), attempt, id(worker, attempt), now, found.outputs(), found
                .facts(), FakeWorkers.usage(), false), delay());
        settle(delivery, worker);
    }

    /** Exported reports tell times, which differ from run to run. */
    private static Work withoutTimes(Work work) {
        return work instanceof Work.Export e
                ? new Work.Export(e.model(), e.original(), e.plan(), e.calibration(), e.location(), e.formats(),
                        Json.events()
                                .createObjectNode(),
                        e.samples())
                : work;
    }

    private void fail(int worker, Delivery delivery, int attempt) {
        FailureKind kind = FailureKind.values()[random.nextInt(FailureKind.values().length)];
        if (kind == FailureKind.HELD && wish(delivery.task) != Wish.HOLD) {
            kind = FailureKind.TRANSIENT;
        }
        report(new TaskReport.Failed(delivery.task.id(), attempt, id(worker, attempt), now, kind, "bad luck", null,
                null), delay());
        settle(delivery, worker);
    }

    private void giveBack(Delivery delivery, int lease) {
        if (delivery.lease == lease && !delivery.settled) {
            delivery.taken = false;
        }
    }

    private void settle(Delivery delivery, int worker) {
        delivery.settled = true;
        after(TICK, () -> poll(worker));
    }

    private void report(TaskReport report, Duration delay) {
        after(delay, () -> inputs.add(new Input.Reported(report, now)));
        if (luck(0.1)) { // twice
            after(delay.plus(delay()), () -> inputs.add(new Input.Reported(report, now)));
        }
    }

    private static WorkerId id(int worker, int attempt) {
        return new WorkerId("worker-" + worker + "-" + attempt);
    }

    /** Reports overtake each other. */
    private Duration delay() {
        return Duration.ofMillis(chaos && !calm() ? random.nextInt(3000) : 10);
    }

    private void after(Duration delay, Runnable action) {
        plan.add(new Planned(now.plus(delay), planned++, action));
    }
}
