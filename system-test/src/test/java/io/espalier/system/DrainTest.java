package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.stack.Program;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A scoring-worker that is called away (SIGTERM) in the middle of a streamed pass: its successor goes on from its
 * checkpoint, and the result is that of an undisturbed run, to the last bit.
 */
class DrainTest {
    /** Too little for all graphs, so that the pass is streamed and stands between two blocks again and again. */
    private static final Map<String, String> STREAMED = Map.of("ESPALIER_MEMORY_MEBIBYTES", "700");

    @TempDir
    Path folder;

    @Test
    void aPassGoesOnFromItsCheckpoint() throws Exception {
        try (Cluster cluster = Cluster.start(folder.resolve("data"), 1, 1, 1, STREAMED)) {
            JobSnapshot alone = end(cluster, cluster.submit(request("alone")));
            assertThat(score(alone).attempts()).isEqualTo(score(alone).tasks());

            JobSnapshot job = cluster.submit(request("drained"));
            cluster.await(job, "in mid pass", DrainTest::inMidPass);
            assertThat(cluster.callAway(Program.SCORING_WORKER)).isEqualTo(1);
            JobSnapshot drained = end(cluster, job);

            assertThat(score(drained).attempts()).as("tried again").isGreaterThan(score(drained).tasks());
            assertThat(score(drained).tokens()).as("the successor had less to do").isPositive().isLessThan(score(alone)
                    .tokens());
            assertThat(drained.planArtifact()).isEqualTo(alone.planArtifact());
            assertThat(drained.models().get(Subject.PRUNED).get("perplexity")).isEqualTo(alone.models().get(
                    Subject.PRUNED).get("perplexity"));
        }
    }

    private ObjectNode request(String name) throws Exception {
        return Cluster.request("""
                name: %s
                model: %2$s/models/stories
                method: { name: llm-pruner, criterion: param_first }
                target: { parameters: 0.8 }
                calibration: { text: %2$s/data/tinystories-train.jsonl, samples: 360, length: 256 }
                evaluation:
                  cost: false
                  fidelity: false
                  perplexity: [ { name: tiny, text: %2$s/data/tinystories-valid.txt, length: 128, segments: 20 } ]
                output: { location: "%3$s" }
                """.formatted(name, Repository.EXAMPLES, folder.resolve("out-" + name)));
    }

    private static JobSnapshot end(Cluster cluster, JobSnapshot job) {
        JobSnapshot ended = cluster.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
        assertThat(ended.stages()).noneMatch(JobSnapshot.Stage::fromCache);
        return ended;
    }

    /** Some blocks are done, and some are not. */
    private static boolean inMidPass(JobSnapshot job) {
        return score(job).running().stream().anyMatch(attempt -> attempt.progress() > 0.15 && attempt.progress() < 0.8);
    }

    private static JobSnapshot.Stage score(JobSnapshot job) {
        return job.stages().stream().filter(stage -> stage.stage() == StageName.SCORE).findFirst().orElseThrow();
    }
}
