package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.cli.stack.Program;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same seed makes the same search: with one eval-worker or four, undisturbed or with {@code kill -9} of every
 * eval-worker or of the coordinator while candidates are measured. Equal means every candidate's value, the plan and
 * the table, to the last bit.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchKillTest {
    private static final Map<String, String> METHODS = Map.of(
            "search", "{ name: search, population: 16, mutants: 8, crossovers: 4, survivors: 4, generations: 4, "
                    + "segments: 24, tolerance: 0.02 }",
            "adapruner", "{ name: adapruner, trials: 26, startTrials: 10, subsets: 8, subsetSize: 4, "
                    + "validationSamples: 24, validationLength: 256 }");
    private static final List<Integer> EVAL_WORKERS = List.of(1, 4);

    @TempDir
    static Path folder;
    private final Map<Integer, Cluster> clusters = new HashMap<>();
    private final Map<String, JobSnapshot> undisturbed = new HashMap<>();

    @BeforeAll
    void start() throws Exception {
        for (int workers : EVAL_WORKERS) {
            clusters.put(workers, Cluster.start(folder.resolve("data-" + workers), 1, 1, workers));
        }
        for (String method : METHODS.keySet()) {
            undisturbed.put(method, end(clusters.get(1), submit(1, method, "undisturbed")));
        }
    }

    @AfterAll
    void stop() {
        clusters.values().forEach(Cluster::close);
    }

    static Stream<Arguments> searches() {
        return METHODS.keySet().stream()
                .flatMap(method -> EVAL_WORKERS.stream().map(workers -> Arguments.of(method, workers)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"search", "adapruner"})
    void fourWorkersFindWhatOneDoes(String method) throws Exception {
        assertSameResult(method, clusters.get(4), submit(4, method, "four"));
    }

    @ParameterizedTest
    @MethodSource("searches")
    void evalWorkersKilledInMidGenerationChangeNothing(String method, int workers) throws Exception {
        Cluster cluster = clusters.get(workers);
        JobSnapshot job = submit(workers, method, "eval-workers");
        cluster.await(job, "second round measured", SearchKillTest::measuringLater);
        assertThat(cluster.kill(Program.EVAL_WORKER)).isEqualTo(workers);

        JobSnapshot.Stage search = search(assertSameResult(method, cluster, job));
        assertThat(search.attempts()).as("tasks of the killed were done again").isGreaterThan(search.tasks());
    }

    /** The eval-workers stand still meanwhile, so that the generation cannot end before the coordinator does. */
    @ParameterizedTest
    @MethodSource("searches")
    void aCoordinatorKilledInMidGenerationChangesNothing(String method, int workers) throws Exception {
        Cluster cluster = clusters.get(workers);
        JobSnapshot job = submit(workers, method, "coordinator");
        cluster.await(job, "second round measured", SearchKillTest::measuringLater);
        cluster.signal("STOP", Program.EVAL_WORKER);
        assertThat(cluster.kill(Program.COORDINATOR)).isOne();
        JobSnapshot found = cluster.await(job, "its successor with a generation half measured",
                SearchKillTest::halfMeasured);
        assertThat(found.search().path("generations").size()).as("generations begun")
                .isLessThan(undisturbed.get(method).search().path("generations").size());
        cluster.signal("CONT", Program.EVAL_WORKER);

        assertSameResult(method, cluster, job);
    }

    private JobSnapshot assertSameResult(String method, Cluster cluster, JobSnapshot job) throws Exception {
        JobSnapshot ended = end(cluster, job);
        JobSnapshot expected = undisturbed.get(method);
        assertThat(ended.planArtifact()).isEqualTo(expected.planArtifact());
        assertThat(cluster.report(ended).at("/search/generations")).isNotEmpty()
                .isEqualTo(expected.search().get("generations"));
        for (Subject subject : new Subject[]{Subject.ORIGINAL, Subject.PRUNED}) {
            for (String figure : new String[]{"parameters", "bytes", "macs64", "perplexity"}) {
                assertThat(ended.models().get(subject).get(figure)).as("%s, %s", subject.label(), figure).isNotNull()
                        .isEqualTo(expected.models().get(subject).get(figure));
            }
        }
        return ended;
    }

    private JobSnapshot submit(int workers, String method, String name) throws Exception {
        return clusters.get(workers).submit(Requests.searching(method + " " + name, METHODS.get(method),
                folder.resolve("out-" + workers + "-" + method + "-" + name)));
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

    /** Candidates of a round that has been opened wait for their values. */
    private static boolean halfMeasured(JobSnapshot job) {
        JobSnapshot.Stage search = search(job);
        return search.state() == JobSnapshot.StageState.RUNNING && search.round() % 2 == 1
                && search.done() < search.tasks();
    }

    private static JobSnapshot.Stage search(JobSnapshot job) {
        return job.stages().stream().filter(stage -> stage.stage() == StageName.SEARCH).findFirst().orElseThrow();
    }
}
