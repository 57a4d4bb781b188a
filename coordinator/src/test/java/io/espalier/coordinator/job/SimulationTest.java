package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Ten thousand random schedules of crashes, duplications, delays and reorderings. */
class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("espalier.simulation.schedules", 10_000);
    /** Give a printed seed here to see its schedule again. */
    private static final long FIRST_SEED = Long.getLong("espalier.simulation.seed", 1);
    private static final List<PruningRequest> REQUESTS = List.of(Requests.parse(Requests.FULL), Requests.parse(
            Requests.SHORT), Requests.parse(Requests.SEARCH), Requests.parse(Requests.ITERATIVE));

    @Test
    void everyJobEndsWithTheSameResultWhateverHappens() {
        List<String> undisturbed = REQUESTS.stream().map(request -> result(run(0, false, request))).toList();
        assertThat(undisturbed).allSatisfy(result -> assertThat(result).contains("achieved"));
        Duration start = processorTime();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            int which = (int) (seed % REQUESTS.size());
            try {
                assertThat(result(run(seed, true, REQUESTS.get(which)))).isEqualTo(undisturbed.get(which));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(processorTime().minus(start)).isLessThan(Duration.ofMinutes(1));
    }

    /** Of this thread: what else the machine does must not fail a test. */
    private static Duration processorTime() {
        return Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }

    private static Job run(long seed, boolean chaos, PruningRequest request) {
        var id = new JobId("job-1");
        var simulation = new Simulation(seed, chaos);
        simulation.submit(id, request, "digest");
        return simulation.run().get(id);
    }

    /** Plan and figures, without times. */
    private static String result(Job job) {
        var found = new Findings(job, job.changedAt());
        return new String(Json.canonical(Map.of("plan", Results.plan(found), "models", Results.models(found))),
                StandardCharsets.UTF_8);
    }
}
