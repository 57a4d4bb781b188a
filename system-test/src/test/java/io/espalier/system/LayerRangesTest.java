package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.stack.Program;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two scoring workers take a range of layers each, meet in the artifact store, and make the plan that one task makes. Each
 * range says in its worker's log what it was handed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LayerRangesTest {
    private static final int MICRO_BATCHES = 16;
    private static final Pattern SCORED = Pattern
            .compile("range of layers scored.*layers=\"?(\\S+?)\"? received=\"?(\\d+)\"? left=\"?(\\d+)\"?");

    @TempDir
    static Path folder;
    private Cluster cluster;

    @BeforeAll
    void start() throws Exception {
        cluster = Cluster.start(folder.resolve("data"), 2, 1, 1, Map.of("ESPALIER_CACHE", "off"));
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void twoWorkersMeetAndMakeThePlanOfOneTask() throws Exception {
        for (String method : List.of("{ name: llm-pruner }", "{ name: nirvana, sets: 1 }")) {
            JobSnapshot alone = run(request("alone", method));
            List<MatchResult> before = scored();
            JobSnapshot together = run(request("together", method.replace(" }", ", layerRanges: 2 }")));

            assertThat(score(alone).tasks()).isEqualTo(1);
            assertThat(score(together).tasks()).isEqualTo(2);
            assertThat(together.planArtifact()).as(method).isEqualTo(alone.planArtifact());
            List<MatchResult> ranges = scored().subList(before.size(), before.size() + 2);
            assertThat(ranges).extracting(found -> found.group(1)).containsExactlyInAnyOrder("0..2", "3..4");
            assertThat(ranges).as("micro-batches handed on").allSatisfy(found -> {
                assertThat(found.group(2)).isEqualTo(String.valueOf(MICRO_BATCHES));
                assertThat(found.group(3)).isEqualTo(String.valueOf(MICRO_BATCHES));
            });
        }
    }

    @Test
    void killedInTheMiddleTheyBeginAnew() throws Exception {
        JobSnapshot undisturbed = run(request("undisturbed", "{ name: llm-pruner, layerRanges: 2 }"));
        JobSnapshot disturbed = cluster.submit(request("disturbed", "{ name: llm-pruner, layerRanges: 2 }"));
        cluster.awaitWorking(disturbed, StageName.SCORE);
        assertThat(cluster.kill(Program.SCORING_WORKER)).isEqualTo(2);

        JobSnapshot ended = cluster.awaitEnd(disturbed);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
        assertThat(score(ended).attempts()).isGreaterThan(2);
        assertThat(ended.planArtifact()).isEqualTo(undisturbed.planArtifact());
    }

    private JobSnapshot run(ObjectNode request) throws Exception {
        JobSnapshot ended = cluster.awaitEnd(cluster.submit(request));
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
        return ended;
    }

    private static ObjectNode request(String name, String method) throws Exception {
        ObjectNode request = Requests.quick(name, folder.resolve("out-" + name));
        request.set("method", Cluster.request("method: " + method).get("method"));
        request.putObject("calibration").put("text", Repository.EXAMPLES + "/data/tinystories-train.jsonl")
                .put("samples", 8 * MICRO_BATCHES).put("length", 128);
        return request;
    }

    private List<MatchResult> scored() {
        return cluster.logs("scoring-worker").stream().flatMap(log -> SCORED.matcher(log).results()).toList();
    }

    private static JobSnapshot.Stage score(JobSnapshot job) {
        return job.stages().stream().filter(s -> s.stage() == StageName.SCORE).findFirst().orElseThrow();
    }
}
