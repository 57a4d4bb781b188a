package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Demand;
import io.espalier.coordinator.job.Job;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The jobs of one partition as they are committed. Used by the loop's thread alone. */
final class JobBook {
    /** How far the log may lag behind progress reports, which a restart can do without. */
    private static final Duration LAZY_LOG = Duration.ofSeconds(5);
    /** How often watchers hear of progress. */
    private static final Duration LAZY_SNAPSHOT = Duration.ofSeconds(1);

    /** When a revision was written to a topic. */
    record Written(long revision, Instant at) {
        static final Written NEVER = new Written(-1, Instant.EPOCH);
    }

    /** A job and what of it stands in {@code espalier.job-log} and {@code espalier.jobs}. */
    record Entry(Job job, Written logged, Written shown) {
        boolean logDue(Instant now) {
            return logged.revision() < job.revision() && !logged.at().plus(LAZY_LOG).isAfter(now);
        }

        boolean snapshotDue(Instant now) {
            return shown.revision() < job.revision() && !shown.at().plus(LAZY_SNAPSHOT).isAfter(now);
        }

        Entry logged(Instant now) {
            return new Entry(job, new Written(job.revision(), now), shown);
        }

        Entry shown(Instant now) {
            return new Entry(job, logged, new Written(job.revision(), now));
        }
    }

    private final Map<JobId, Entry> entries = new HashMap<>();
    private final Map<JobId, Demand> open = new HashMap<>();
    private final Map<JobSnapshot.State, Integer> counts = new EnumMap<>(JobSnapshot.State.class);

    /** Null if there is no such job. */
    Entry get(JobId job) {
        return entries.get(job);
    }

    void put(Entry entry) {
        JobId id = entry.job().id();
        remove(id);
        entries.put(id, new Entry(entry.job().archived(), entry.logged(), entry.shown()));
        if (entry.job().isOpen()) {
            open.put(id, Demand.of(entry.job()));
        }
        counts.merge(entry.job().publicState(), 1, Integer::sum);
    }

    void remove(JobId job) {
        Entry gone = entries.remove(job);
        if (gone != null) {
            open.remove(job);
            counts.merge(gone.job().publicState(), -1, Integer::sum);
        }
    }

    /** Jobs that may go on. */
    List<Entry> open() {
        return open.keySet().stream().map(entries::get).toList();
    }

    /** What the open jobs ask of the workers. */
    Map<JobId, Demand> demands() {
        return open;
    }

    /** How many jobs are in each state. */
    Map<JobSnapshot.State, Integer> counts() {
        return counts;
    }

    int size() {
        return entries.size();
    }
}
