package io.espalier.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.TestHome;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.RequestReader;
import java.util.HashMap;
import org.junit.jupiter.api.Test;

class DeploymentTest {
    private static final ModelConfig MODEL = ModelConfig.read(TestHome.ROOT.resolve("tools/random-models/llama-7b"));
    private static final int UNBOUNDED = 1_000_000;

    private static Deployment.Outcome run(int workers, int jobs, double decision) {
        var deployment = new Deployment(workers, new Imagined(MODEL), DeploymentTest::seconds, decision, 0,
                new HashMap<>());
        for (int i = 0; i < jobs; i++) {
            deployment.submit("job-" + i, new RequestReader().read(request(0.9 - 0.1 * i)));
        }
        return deployment.run();
    }

    private static double seconds(Work work) {
        return work instanceof Work.Score ? 10 : 1;
    }

    private static ObjectNode request(double share) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", "/model");
        request.putObject("method").put("name", "llm-pruner").put("criterion", "param_second");
        request.putObject("target").put("parameters", share);
        request.putObject("calibration").put("text", "/text").put("samples", 64).put("length", 128);
        request.putObject("output").put("location", "/out" + share);
        return request;
    }

    @Test
    void rangesOfLayersShareTheTimeOfOneTask() {
        var rates = new Durations.Rates(1e9, 1e9, 1e9, 1e9, 0);
        ObjectNode whole = request(0.8);
        ((ObjectNode) whole.get("method")).put("criterion", "param_first");
        ObjectNode cut = whole.deepCopy();
        ((ObjectNode) cut.get("method")).put("layerRanges", 4);
        double alone = scoring(whole, rates);
        assertThat(scoring(cut, rates)).as("seconds of the longest of four").isBetween(alone / 4, alone / 3);
    }

    private static double scoring(ObjectNode json, Durations.Rates rates) {
        var request = new RequestReader().read(json);
        var durations = new Durations(MODEL, request, rates);
        var found = new HashMap<Work, Double>();
        var deployment = new Deployment(UNBOUNDED, new Imagined(MODEL), work -> {
            if (work instanceof Work.Score) {
                found.put(work, durations.seconds(work));
            }
            return 0;
        }, 0, 0, new HashMap<>());
        deployment.submit("job", request);
        deployment.run();
        return found.values().stream().mapToDouble(seconds -> seconds).max().orElseThrow();
    }

    @Test
    void oneWorkerIsAlwaysBusy() {
        Deployment.Outcome alone = run(1, 1, 0);
        assertThat(alone.makespan()).isCloseTo(alone.busy(), within(1e-9));
    }

    @Test
    void anyNumberOfWorkersStillWaitsForTheLongestChain() {
        Deployment.Outcome all = run(UNBOUNDED, 1, 0);
        assertThat(all.makespan()).as("PREPARE, SCORE, RANK, SLICE, EVALUATE, REPORT").isCloseTo(1 + 10 + 1 + 1 + 1 + 1,
                within(1e-9));
        assertThat(all.busy()).isGreaterThan(all.makespan());
    }

    @Test
    void makespanStaysBetweenItsBounds() {
        Deployment.Outcome chain = run(UNBOUNDED, 3, 0);
        double before = Double.POSITIVE_INFINITY;
        for (int workers = 1; workers <= 64; workers *= 2) {
            Deployment.Outcome outcome = run(workers, 3, 0);
            assertThat(outcome.makespan()).isBetween(Math.max(chain.makespan(), outcome.busy() / workers) - 1e-9,
                    before + 1e-9);
            before = outcome.makespan();
        }
    }

    @Test
    void equalWorkDoneBeforeIsNotDoneAgain() {
        var twice = new Deployment(1, new Imagined(MODEL), DeploymentTest::seconds, 0, 0, new HashMap<>());
        twice.submit("a", new RequestReader().read(request(0.8)));
        twice.submit("b", new RequestReader().read(request(0.8)));
        double once = run(1, 1, 0).busy();
        assertThat(twice.run().busy()).as("REPORT writes its own folder again").isLessThan(once + 2.5);
    }

    @Test
    void aSlowCoordinatorDelaysEveryStage() {
        Deployment.Outcome slow = run(UNBOUNDED, 1, 0.1);
        assertThat(slow.makespan()).isGreaterThan(run(UNBOUNDED, 1, 0).makespan() + 5 * 0.1);
        assertThat(slow.coordinator()).isCloseTo(0.1 * (slow.reports() + 1), within(1e-6));
    }
}
