package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.cli.stack.Program;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same seed makes the same search: with one eval-worker or four, undisturbed or with {@code kill -9} of every
 * eval-worker and of the coordinator while candidates are measured. Equal means every candidate's value, the plan and
 * the table, to the last bit.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchKillTest {
    private static final Map<String, String> METHODS = Map.of(
            "search", "{ name: search, population: 16, mutants: 8, crossovers: 4, survivors: 4, generations: 4, "
                    + "segments: 24, tolerance: 0.02 }",
            "adapruner", "{ name: adapruner, trials: 26, startTrials: 10, subsets: 8, subsetSize: 4, "
                    + "validationSamples: 24, validationLength: 256 }");

    @TempDir
    static Path folder;
    private final Map<String, JobSnapshot> alone = new HashMap<>();
    private Cluster cluster;

    @BeforeAll
    void start() throws Exception {
        try (Cluster single = Cluster.start(folder.resolve("one"), 1, 1, 1)) {
            for (String method : METHODS.keySet()) {
                alone.put(method, end(single, submit(single, method, "alone")));
            }
        }
        cluster = Cluster.start(folder.resolve("four"), 1, 1, 4);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    static Stream<Arguments> kills() {
        return METHODS.keySet().stream().flatMap(method -> Stream.of(Arguments.of(method, Program.EVAL_WORKER, 4),
                Arguments.of(method, Program.COORDINATOR, 1)));
    }

    @ParameterizedTest
    @MethodSource("kills")
    void aKillInMidGenerationChangesNothing(String method, Program victim, int processes) throws Exception {
        JobSnapshot job = submit(cluster, method, victim.name());
        cluster.await(job, "second round measured", SearchKillTest::measuringLater);
        assertThat(cluster.kill(victim)).as("processes of " + victim).isEqualTo(processes);

        JobSnapshot ended = end(cluster, job);
        JobSnapshot expected = alone.get(method);
        assertThat(ended.planArtifact()).isEqualTo(expected.planArtifact());
        assertThat(cluster.report(ended).at("/search/generations")).isNotEmpty()
                .isEqualTo(expected.search().get("generations"));
        for (Subject subject : new Subject[]{Subject.ORIGINAL, Subject.PRUNED}) {
            assertThat(ended.models().get(subject).get("perplexity")).as(subject.label())
                    .isEqualTo(expected.models().get(subject).get("perplexity"));
        }
        if (victim == Program.EVAL_WORKER) {
            JobSnapshot.Stage search = search(ended);
            assertThat(search.attempts()).as("tasks of the killed were done again").isGreaterThan(search.tasks());
        }
    }

    private static JobSnapshot submit(Cluster cluster, String method, String name) throws Exception {
        return cluster.submit(Requests.searching(method + " " + name, METHODS.get(method),
                folder.resolve("out-" + method + "-" + name)));
    }

    private static JobSnapshot end(Cluster cluster, JobSnapshot job) {
        JobSnapshot ended = cluster.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
        assertThat(ended.stages()).noneMatch(JobSnapshot.Stage::fromCache);
        return ended;
    }

    /** Some candidates are measured, and an eval-worker is at work on others. */
    private static boolean measuringLater(JobSnapshot job) {
        return job.search() != null && !job.search().path("generations").isEmpty()
                && search(job).running().stream().anyMatch(attempt -> attempt.worker().value().startsWith("eval"));
    }

    private static JobSnapshot.Stage search(JobSnapshot job) {
        return job.stages().stream().filter(stage -> stage.stage() == StageName.SEARCH).findFirst().orElseThrow();
    }
}
