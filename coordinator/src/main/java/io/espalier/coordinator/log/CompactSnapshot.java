package io.espalier.coordinator.log;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.WorkerKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A snapshot as it is kept in memory: a line for lists, and the whole, for ended jobs, of which there may be many,
 * compressed.
 *
 * @param standing null unless it runs
 * @param taken    what its tasks took, by kind of worker
 */
record CompactSnapshot(JobSummary summary, Standing standing, Map<WorkerKind, Taken> taken, byte[] bytes,
        boolean compressed) {
    /** Tasks that were done, not taken from the cache. */
    record Taken(int tasks, double seconds) {}

    static final Comparator<CompactSnapshot> LATEST_FIRST = Comparator.comparing(CompactSnapshot::submittedAt)
            .reversed().thenComparing(job -> job.id().value());

    static CompactSnapshot of(JobSnapshot snapshot, byte[] json) {
        boolean compressed = snapshot.state().ended();
        return new CompactSnapshot(JobSummary.of(snapshot), Standing.of(snapshot),
                taken(snapshot), compressed ? deflate(json) : json, compressed);
    }

    private static Map<WorkerKind, Taken> taken(JobSnapshot snapshot) {
        Map<WorkerKind, Taken> taken = new EnumMap<>(WorkerKind.class);
        snapshot.stages().stream().filter(stage -> stage.done() > 0 && !stage.fromCache()).forEach(stage -> taken.merge(
                stage.stage().worker(), new Taken(stage.done(), stage.busySeconds()),
                (a, b) -> new Taken(a.tasks + b.tasks, a.seconds + b.seconds)));
        return Map.copyOf(taken);
    }

    JobId id() {
        return summary.id();
    }

    JobSnapshot.State state() {
        return summary.state();
    }

    Instant submittedAt() {
        return summary.submittedAt();
    }

    byte[] json() throws IOException {
        if (!compressed) {
            return bytes;
        }
        try (var in = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }

    private static byte[] deflate(byte[] json) {
        var out = new ByteArrayOutputStream();
        try (var deflater = new DeflaterOutputStream(out)) {
            deflater.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail", e);
        }
        return out.toByteArray();
    }
}
