package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.stack.Program;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;
    private Cluster cluster;

    @BeforeAll
    void start() throws Exception {
        cluster = Cluster.start(folder.resolve("data"), 2, 1, 1,
                Map.of("ESPALIER_CACHE", "off", "ESPALIER_LOG_FORMAT", "json"));
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void twoWorkersMeetAndMakeThePlanOfOneTask() throws Exception {
        for (String method : List.of("{ name: llm-pruner }", "{ name: nirvana, sets: 1 }")) {
            JobSnapshot alone = run(request("alone", method));
            JobSnapshot together = run(request("together", method.replace(" }", ", layerRanges: 2 }")));

            assertThat(score(alone).tasks()).isEqualTo(1);
            assertThat(score(together).tasks()).isEqualTo(2);
            assertThat(together.planArtifact()).as(method).isEqualTo(alone.planArtifact());
            List<JsonNode> ranges = scored(together);
            assertThat(ranges).extracting(range -> range.path("layers").asText()).containsExactlyInAnyOrder("0..2",
                    "3..4");
            assertThat(ranges).as("micro-batches handed on").allSatisfy(range -> {
                assertThat(range.path("received").asInt()).isEqualTo(MICRO_BATCHES);
                assertThat(range.path("left").asInt()).isEqualTo(MICRO_BATCHES);
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

    /** What the workers' logs say of the ranges of this job. */
    private List<JsonNode> scored(JobSnapshot job) {
        return cluster.logs("scoring-worker").stream().flatMap(String::lines)
                .filter(line -> line.contains("range of layers scored")).map(LayerRangesTest::json)
                .filter(line -> line.path("job").asText().equals(job.id().value())).toList();
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }

    private static JobSnapshot.Stage score(JobSnapshot job) {
        return job.stages().stream().filter(s -> s.stage() == StageName.SCORE).findFirst().orElseThrow();
    }
}
