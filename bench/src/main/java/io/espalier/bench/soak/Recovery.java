package io.espalier.bench.soak;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.TaskReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long each strike was felt. A worker's: until another attempt of the task that it held began (strikes on idle workers
 * are felt by nobody). The others': until something was decided again in every partition of the jobs.
 */
final class Recovery {
    /** Seconds from a strike until it was over, and seconds of work that must be done again. */
    record Times(List<Double> recovery, List<Double> lost) {}

    private final Map<TaskId, List<TaskReport>> reports = new HashMap<>();
    private final Map<Integer, List<Instant>> decisions;

    Recovery(Listener listener) {
        listener.reports().forEach(report -> reports.computeIfAbsent(report.task(), _ -> new ArrayList<>()).add(
                report));
        reports.values().forEach(list -> list.sort(Comparator.comparing(TaskReport::at)));
        this.decisions = listener.decisions();
    }

    Map<Strike.Kind, Times> of(List<Killer.Struck> strikes) {
        Map<Strike.Kind, Times> times = new EnumMap<>(Strike.Kind.class);
        for (Killer.Struck strike : strikes) {
            Times kind = times.computeIfAbsent(strike.kind(), _ -> new Times(new ArrayList<>(), new ArrayList<>()));
            if (strike.kind().hitsWorker()) {
                ofWorker(strike, kind);
            } else {
                ofAll(strike.at()).ifPresent(kind.recovery::add);
            }
        }
        return times;
    }

    private void ofWorker(Killer.Struck strike, Times kind) {
        for (List<TaskReport> task : reports.values()) {
            Instant from = heldSince(task, strike);
            if (from != null) {
                task.stream().filter(report -> report instanceof TaskReport.Started && report.at().isAfter(strike.at())
                        && !report.worker().value().equals(strike.victim())).findFirst().ifPresent(next -> {
                            kind.recovery.add(seconds(strike.at(), next.at()));
                            kind.lost.add(seconds(from, strike.at()));
                        });
            }
        }
    }

    /** Since when the victim's work would be lost: its start or its last checkpoint; null if it held nothing. */
    private static Instant heldSince(List<TaskReport> task, Killer.Struck strike) {
        Instant since = null;
        ArtifactRef checkpoint = null;
        for (TaskReport report : task) {
            if (!report.worker().value().equals(strike.victim()) || report.at().isAfter(strike.at())) {
                continue;
            }
            switch (report) {
                case TaskReport.Started started -> since = started.at();
                case TaskReport.Progress progress -> {
                    boolean reached = progress.checkpoint() != null && !progress.checkpoint().equals(checkpoint);
                    checkpoint = progress.checkpoint();
                    since = reached ? progress.at() : since;
                }
                case TaskReport.Succeeded _,TaskReport.Failed _ -> since = null;
            }
        }
        return since;
    }

    /** Empty at the very end, when nothing was left to decide. */
    private Optional<Double> ofAll(Instant at) {
        double longest = 0;
        for (List<Instant> partition : decisions.values()) {
            Optional<Instant> next = partition.stream().filter(decided -> decided.isAfter(at)).findFirst();
            if (next.isEmpty()) {
                return Optional.empty();
            }
            longest = Math.max(longest, seconds(at, next.get()));
        }
        return Optional.of(longest);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
