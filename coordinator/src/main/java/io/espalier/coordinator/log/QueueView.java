package io.espalier.coordinator.log;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.WorkerKind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Where a waiting job stands among all jobs, whoever owns them, in the order in which
 * {@link io.espalier.coordinator.job.Dispatcher} takes them: team by team in turn, within a team by priority and age.
 */
public final class QueueView {
    /** A job and at which turn of its team its first task comes. */
    private record Turn(CompactSnapshot job, int turn) {
        private static final Comparator<Turn> ORDER = Comparator.comparingInt(Turn::turn)
                .thenComparing(turn -> turn.job.standing().submittedAt()).thenComparing(turn -> turn.job.id().value());
    }

    private static final Comparator<CompactSnapshot> WITHIN_TEAM = Comparator
            .comparing((CompactSnapshot job) -> -job.standing().priority())
            .thenComparing(job -> job.standing().submittedAt()).thenComparing(job -> job.id().value());

    private final JobsView view;
    private final ToIntFunction<WorkerKind> workers;
    private final InstantSource clock;

    /** @param workers how many there are of a kind */
    public QueueView(JobsView view, ToIntFunction<WorkerKind> workers, InstantSource clock) {
        this.view = view;
        this.workers = workers;
        this.clock = clock;
    }

    /** The snapshot with its place, if it waits. */
    public JobSnapshot placed(JobSnapshot job) {
        return view.compact(job.id()).map(CompactSnapshot::standing).filter(Standing::queued)
                .flatMap(standing -> place(job.id(), standing.kind())).map(job::withQueue).orElse(job);
    }

    private Optional<JobSnapshot.Queue> place(JobId id, WorkerKind kind) {
        List<CompactSnapshot> rivals = view.compact().filter(job -> job.standing() != null
                && job.standing().kind() == kind).toList();
        List<Turn> turns = turns(rivals);
        int at = 0;
        while (at < turns.size() && !turns.get(at).job.id().equals(id)) {
            at++;
        }
        if (at == turns.size()) {
            return Optional.empty(); // it has begun in the meantime
        }
        int ahead = turns.subList(0, at).stream().mapToInt(turn -> turn.job.standing().waiting()).sum();
        long before = turns.subList(0, at).stream().filter(turn -> turn.job.standing().queued()).count();
        int busy = rivals.stream().mapToInt(job -> job.standing().underWay()).sum();
        return Optional.of(new JobSnapshot.Queue(kind, (int) before + 1, ahead, start(kind, ahead, busy)));
    }

    /** Jobs in the order of their first waiting tasks. */
    private static List<Turn> turns(List<CompactSnapshot> rivals) {
        Map<String, Integer> taken = new HashMap<>();
        rivals.forEach(job -> taken.merge(job.standing().team(), job.standing().underWay(), Integer::sum));
        return rivals.stream().filter(job -> job.standing().waiting() > 0).sorted(WITHIN_TEAM).map(job -> {
            int turn = taken.merge(job.standing().team(), job.standing().waiting(), Integer::sum);
            return new Turn(job, turn - job.standing().waiting());
        }).sorted(Turn.ORDER).toList();
    }

    private Instant start(WorkerKind kind, int ahead, int busy) {
        int all = workers.applyAsInt(kind);
        if (all == 0) {
            return null;
        }
        if (ahead + busy < all) {
            return clock.instant();
        }
        double seconds = view.meanSeconds(kind);
        // a worker that is busy is half way on average
        return seconds == 0
                ? null
                : clock.instant().plus(Duration.ofMillis((long) (1000 * seconds * (0.5 + ahead / all))));
    }
}
