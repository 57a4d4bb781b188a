package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Ten thousand random schedules of crashes, losses, duplications, delays and reorderings. */
class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("espalier.simulation.schedules", 10_000);
    /** Give a printed seed here to see its schedule again. */
    private static final long FIRST_SEED = Long.getLong("espalier.simulation.seed", 1);
    private static final List<PruningRequest> ALONE = List.of(Requests.parse(Requests.FULL), Requests.parse(
            Requests.SHORT), Requests.parse(Requests.SEARCH), Requests.parse(Requests.ITERATIVE),
            Requests.parse(Requests.SELECT), Requests.parse(Requests.LATENCY),
            Requests.parse(Requests.RANGES));
    /** Two teams of which one has an urgent job and one that can wait. */
    private static final List<PruningRequest> TOGETHER = List.of(
            Requests.parse(Requests.FULL + "labels: { team: a }\npriority: 1\n"),
            Requests.parse(Requests.SHORT + "labels: { team: a }\npriority: 5\n"),
            Requests.parse(Requests.SEARCH + "labels: { team: b }\n"));
    /** So many schedules have one job each; then comes one in which several share the workers. */
    private static final int ALONE_BETWEEN = 9;
    /** Only the last thing that happens to a job; see JobStateTest. */
    private static final Set<Class<?>> NOT_SIMULATED = Set.of(JobEvent.JobDeleted.class);

    private final Map<PruningRequest, String> undisturbed = new HashMap<>();
    private final Set<Class<?>> happened = new HashSet<>();
    private int lost;

    @Test
    void everyJobEndsWithTheSameResultWhateverHappens() {
        for (PruningRequest request : Stream.concat(ALONE.stream(), TOGETHER.stream()).toList()) {
            undisturbed.put(request, result(run(0, false, List.of(request)).getFirst()));
        }
        assertThat(undisturbed.values()).allSatisfy(result -> assertThat(result).contains("achieved"));
        Duration start = processorTime();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            List<PruningRequest> requests = seed % (ALONE_BETWEEN + 1) == 0
                    ? TOGETHER
                    : List.of(ALONE.get((int) (seed % ALONE.size())));
            try {
                List<Job> jobs = run(seed, true, requests);
                for (int i = 0; i < requests.size(); i++) {
                    assertThat(result(jobs.get(i))).isEqualTo(undisturbed.get(requests.get(i)));
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(processorTime().minus(start)).isLessThan(Duration.ofMinutes(1));
        assertThat(lost).as("tasks that the queue lost").isPositive();
        assertThat(happened).as("every kind of event").containsExactlyInAnyOrderElementsOf(kinds(JobEvent.class).filter(
                kind -> !NOT_SIMULATED.contains(kind)).toList());
    }

    private static Stream<Class<?>> kinds(Class<?> family) {
        return family.isSealed()
                ? Arrays.stream(family.getPermittedSubclasses()).flatMap(SimulationTest::kinds)
                : Stream.of(family);
    }

    /** Of this thread: what else the machine does must not fail a test. */
    private static Duration processorTime() {
        return Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }

    private List<Job> run(long seed, boolean chaos, List<PruningRequest> requests) {
        var simulation = new Simulation(seed, chaos, event -> happened.add(event.getClass()));
        List<JobId> ids = IntStream.rangeClosed(1, requests.size()).mapToObj(i -> new JobId("job-" + i)).toList();
        for (int i = 0; i < ids.size(); i++) {
            simulation.submit(ids.get(i), requests.get(i), "digest-" + i);
        }
        Map<JobId, Job> ended = simulation.run(ids.size());
        lost += simulation.lost();
        return ids.stream().map(ended::get).toList();
    }

    /** Plan and figures, without times. */
    private static String result(Job job) {
        var found = new Findings(job, job.changedAt());
        return new String(Json.canonical(Map.of("plan", Results.plan(found), "models", Results.models(found))),
                StandardCharsets.UTF_8);
    }
}
