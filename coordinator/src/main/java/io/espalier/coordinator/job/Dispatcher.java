package io.espalier.coordinator.job;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.EqualWork;
import io.espalier.protocol.message.WorkerKind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.Collectors;

/**
 * Whose turn it is. A task topic is a queue, in which nothing overtakes; so tasks wait with their jobs, and only as many
 * are published as workers can soon begin: the window. Into a free place goes a task of the team that holds the fewest
 * places; among teams that hold as many, of the one that was served least of late; within the team, of its most urgent
 * and then its oldest job. Decision 9 tells why.
 *
 * <p>Of equal work ({@link EqualWork}), of whatever jobs, one task begins: the others stay where they are until it has
 * ended, and then find its result in the stage cache, or, if it came to nothing, one of them begins. So the entries of a
 * sweep that run at the same time score once. It takes no place, and what a coordinator does not see (jobs of another
 * one) it does not wait for.
 *
 * <p>It remembers only who was served, which may be lost: teams then start even.
 */
public final class Dispatcher {
    /** One team at one kind of worker. */
    private static final class Share {
        private final String team;
        private final PriorityQueue<Demand> jobs = new PriorityQueue<>(Demand.BY_TURN);
        private final Queue<Demand.Waiting> next = new ArrayDeque<>();
        private int held;
        private long served;

        private Share(String team) {
            this.team = team;
        }
    }

    private static final Comparator<Share> BY_TURN = Comparator.<Share>comparingInt(share -> share.held)
            .thenComparingLong(share -> share.served).thenComparing(share -> share.team);

    private final Map<WorkerKind, Map<String, Long>> served = new EnumMap<>(WorkerKind.class);
    private final Twins twins = new Twins();
    private final boolean cache;

    /** @param cache whether there is a stage cache: without one nothing waits for equal work */
    public Dispatcher(boolean cache) {
        this.cache = cache;
    }

    /**
     * The tasks to publish now, by job.
     *
     * @param demands of all open jobs
     * @param windows how many tasks of a kind may be published or under way
     */
    public Map<JobId, List<TaskId>> choose(Collection<Demand> demands, Map<WorkerKind, Integer> windows, Instant now) {
        Map<JobId, List<TaskId>> chosen = new LinkedHashMap<>();
        if (cache) {
            twins.begin(demands);
        }
        for (WorkerKind kind : WorkerKind.values()) {
            int held = demands.stream().mapToInt(demand -> demand.held().getOrDefault(kind, 0)).sum();
            int free = windows.getOrDefault(kind, 0) - held;
            if (free > 0) {
                fill(kind, free, shares(kind, demands, now), now, chosen);
            }
        }
        return chosen;
    }

    private Collection<Share> shares(WorkerKind kind, Collection<Demand> demands, Instant now) {
        Map<String, Share> shares = new HashMap<>();
        for (Demand demand : demands) {
            int held = demand.held().getOrDefault(kind, 0);
            boolean waits = demand.waiting().stream().anyMatch(task -> isDue(task, kind, now));
            if (held > 0 || waits) {
                Share share = shares.computeIfAbsent(demand.team(), Share::new);
                share.held += held;
                if (waits) {
                    share.jobs.add(demand);
                }
            }
        }
        remember(kind, shares);
        return shares.values();
    }

    /** A team that comes, or comes back, starts even with the one served least: rest is not saved up. */
    private void remember(WorkerKind kind, Map<String, Share> shares) {
        Map<String, Long> past = served.getOrDefault(kind, Map.of());
        long least = past.entrySet().stream().filter(team -> shares.containsKey(team.getKey()))
                .mapToLong(Map.Entry::getValue).min().orElse(0);
        shares.values().forEach(share -> share.served = past.getOrDefault(share.team, least));
    }

    private void fill(WorkerKind kind, int free, Collection<Share> shares, Instant now,
            Map<JobId, List<TaskId>> chosen) {
        var teams = new PriorityQueue<>(BY_TURN);
        shares.stream().filter(share -> !share.jobs.isEmpty()).forEach(teams::add);
        int places = free;
        while (places > 0 && !teams.isEmpty()) {
            Share share = teams.poll();
            Optional<TaskId> next = next(share, kind, now);
            if (next.isEmpty()) {
                continue; // all that is left waits for equal work
            }
            TaskId task = next.get();
            chosen.computeIfAbsent(task.job(), _ -> new ArrayList<>()).add(task);
            places--;
            share.held++;
            share.served++;
            if (!share.next.isEmpty() || !share.jobs.isEmpty()) {
                teams.add(share);
            }
        }
        served.put(kind, shares.stream().collect(Collectors.toMap(share -> share.team, share -> share.served)));
    }

    private Optional<TaskId> next(Share share, WorkerKind kind, Instant now) {
        while (!share.next.isEmpty() || !share.jobs.isEmpty()) {
            if (share.next.isEmpty()) {
                share.jobs.poll().waiting().stream().filter(task -> isDue(task, kind, now)).forEach(share.next::add);
            }
            Demand.Waiting task = share.next.poll();
            if (task != null && (!cache || twins.mayBegin(task))) {
                return Optional.of(task.task());
            }
        }
        return Optional.empty();
    }

    private static boolean isDue(Demand.Waiting task, WorkerKind kind, Instant now) {
        return task.kind() == kind && !task.due().isAfter(now);
    }
}
