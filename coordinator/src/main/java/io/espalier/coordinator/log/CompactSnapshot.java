package io.espalier.coordinator.log;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** A snapshot as it is kept in memory: ended jobs, of which there may be many, compressed. */
record CompactSnapshot(JobId id, JobSnapshot.State state, Instant submittedAt, byte[] bytes, boolean compressed) {
    static final Comparator<CompactSnapshot> LATEST_FIRST = Comparator.comparing(CompactSnapshot::submittedAt)
            .reversed().thenComparing(job -> job.id().value());

    static CompactSnapshot of(JobSnapshot snapshot, byte[] json) {
        boolean compressed = snapshot.state().ended();
        return new CompactSnapshot(snapshot.id(), snapshot.state(), snapshot.submittedAt(), compressed
                ? deflate(json)
                : json, compressed);
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
