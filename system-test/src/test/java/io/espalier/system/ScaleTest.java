package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many workers there are changes how long a job takes, never what comes out. */
class ScaleTest {
    @TempDir
    static Path folder;

    @Test
    void oneWorkerAndFourMakeTheSamePlan() throws Exception {
        JobSnapshot alone = run(1);
        JobSnapshot shared = run(4);
        assertThat(stage(shared).tasks()).as("shards of SCORE").isEqualTo(stage(alone).tasks()).isGreaterThan(1);
        assertThat(shared.planArtifact()).isEqualTo(alone.planArtifact());
    }

    private JobSnapshot run(int scoringWorkers) throws Exception {
        try (Cluster cluster = Cluster.start(folder.resolve("data-" + scoringWorkers), scoringWorkers, 1, 1)) {
            var request = Requests.thorough("scale", folder.resolve("out-" + scoringWorkers));
            request.remove("recovery");
            JobSnapshot job = cluster.submit(request);
            Set<String> workers = new HashSet<>();
            JobSnapshot ended = cluster.await(job, "end", j -> {
                j.stages().stream().filter(s -> s.stage() == StageName.SCORE)
                        .forEach(s -> s.running().forEach(a -> workers.add(a.worker().value())));
                return j.state().ended();
            });
            assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
            assertThat(workers).as("workers seen at SCORE").hasSizeBetween(Math.min(2, scoringWorkers), scoringWorkers);
            return ended;
        }
    }

    private static JobSnapshot.Stage stage(JobSnapshot job) {
        return job.stages().stream().filter(s -> s.stage() == StageName.SCORE).findFirst().orElseThrow();
    }
}
