package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup, as docs/operations.md tells it: the broker's folder and that of the artifacts, copied elsewhere. What was done
 * is there, and what was under way when everything stopped goes on from its checkpoint.
 */
class RestoreTest {
    /** Share of the recovery that is done then; a checkpoint is written every eighth of it, and on SIGTERM. */
    private static final double BROKEN_OFF = 0.4;

    @TempDir
    private Path folder;

    @Test
    void jobsGoOnFromACopyOfBrokerAndArtifacts() throws Exception {
        Path lost = folder.resolve("data");
        JobSnapshot done;
        JobSnapshot open;
        JsonNode report;
        try (Cluster cluster = Cluster.start(lost, 1, 1, 1)) {
            done = cluster.awaitEnd(cluster.submit(Requests.quick("done", folder.resolve("done"))));
            report = cluster.report(done);
            open = cluster.submit(Requests.thorough("open", folder.resolve("open")));
            cluster.await(open, "some steps of recovery", job -> progress(job) > BROKEN_OFF);
        }
        Path restored = folder.resolve("elsewhere");
        Files.createDirectories(restored);
        for (String part : new String[]{"broker", "artifacts"}) {
            copy(lost.resolve(part), restored.resolve(part));
        }
        Files.move(lost, folder.resolve("gone")); // nobody may find anything at the old place

        try (Cluster cluster = Cluster.start(restored, 1, 1, 1)) {
            assertThat(cluster.client().job(done.id().value()).state()).isEqualTo(JobSnapshot.State.SUCCEEDED);
            assertThat(cluster.report(done)).isEqualTo(report);
            JobSnapshot again = cluster.await(open, "recovery goes on", job -> progress(job) > 0);
            assertThat(progress(again)).as("from its checkpoint").isGreaterThan(BROKEN_OFF - 0.15);
            JobSnapshot ended = cluster.awaitEnd(open);
            assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
        }
    }

    /** Of RECOVER. */
    private static double progress(JobSnapshot job) {
        return recovery(job).state() == JobSnapshot.StageState.DONE
                ? 1
                : recovery(job).running().stream().mapToDouble(JobSnapshot.Attempt::progress).max().orElse(0);
    }

    private static JobSnapshot.Stage recovery(JobSnapshot job) {
        return job.stages().stream().filter(stage -> stage.stage() == StageName.RECOVER).findFirst().orElseThrow();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
