package io.espalier.coordinator.estimate;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stages took that are done, the latest of each kind. */
final class History {
    private static final int KEPT = 32;
    private static final int NEAREST = 12;
    /** How much equal work usually differs, before there is evidence. */
    private static final double ALIKE_SPREAD = 0.2;
    private static final double SIMILAR_SPREAD = 0.5;
    /** Evidence that the assumed spread stands for. */
    private static final double PRIOR_WEIGHT = 2;
    /** Uncertainty that each factor e between known and wanted size adds: overheads do not grow with the work. */
    private static final double PER_SCALE = 0.25;
    /** Beyond, a range would tell nothing. */
    private static final double USELESS = 1.3;

    /**
     * @param seconds busy time of all its tasks
     * @param tasks   how many there were
     */
    private record Observation(double units, double seconds, int tasks) {
        double logRate() {
            return Math.log(seconds / units);
        }
    }

    private final Map<String, Deque<Observation>> observations = new HashMap<>();

    void add(WorkSize size, double seconds, int tasks) {
        if (seconds > 0 && size.units() > 0) {
            var observation = new Observation(size.units(), seconds, tasks);
            add(size.alike(), observation);
            add(size.similar(), observation);
        }
    }

    private void add(String kind, Observation observation) {
        Deque<Observation> all = observations.computeIfAbsent(kind, _ -> new ArrayDeque<>());
        all.addLast(observation);
        if (all.size() > KEPT) {
            all.removeFirst();
        }
    }

    /** Busy time of all tasks of such a stage. */
    Optional<Guess> busy(WorkSize size) {
        return guess(size.alike(), size.units(), ALIKE_SPREAD, "the same stage of earlier jobs").or(() -> guess(size
                .similar(), size.units(), SIMILAR_SPREAD, "similar stages of earlier jobs"));
    }

    /** How many tasks such a stage had last; 1 if there was none. */
    int tasks(WorkSize size) {
        Deque<Observation> known = observations.getOrDefault(size.alike(), observations.get(size.similar()));
        return known == null ? 1 : Math.max(1, known.getLast().tasks());
    }

    private Optional<Guess> guess(String kind, double units, double spread, String basis) {
        Deque<Observation> all = observations.get(kind);
        if (all == null) {
            return Optional.empty();
        }
        List<Observation> nearest = all.reversed().stream().sorted(Comparator.comparingDouble(o -> distance(o, units)))
                .limit(NEAREST).toList();
        int n = nearest.size();
        double mean = nearest.stream().mapToDouble(Observation::logRate).average().orElseThrow();
        double squares = nearest.stream().mapToDouble(o -> Math.pow(o.logRate() - mean, 2)).sum();
        double variance = (PRIOR_WEIGHT * spread * spread + squares) / (PRIOR_WEIGHT + n - 1);
        double scale = nearest.stream().mapToDouble(o -> distance(o, units)).average().orElseThrow();
        double total = Math.sqrt(variance * (1 + 1.0 / n) + Math.pow(PER_SCALE * scale, 2));
        return total > USELESS
                ? Optional.empty()
                : Optional.of(new Guess(mean + Math.log(units), total, basis + " (" + n + ")"));
    }

    private static double distance(Observation observation, double units) {
        return Math.abs(Math.log(observation.units() / units));
    }
}
