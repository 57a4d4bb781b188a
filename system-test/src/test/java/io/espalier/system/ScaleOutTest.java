package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.stack.Program;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sweep runs, and gpu-workers come and go: Prometheus sees them take part, one that is stopped loses nothing, and what
 * comes out does not depend on who did it. {@code -Despalier.scaleout.seconds=65} gives each number of workers that long,
 * so that the panel's throughput (a rate over a minute) can be read off {@code target/scale-out.md}; nothing is asserted of
 * it, because it is a property of the machine.
 */
class ScaleOutTest {
    private static final Path TABLE = Repository.ROOT.resolve("system-test/target/scale-out.md");
    private static final Map<String, String> ONE_THREAD = Map.of("ESPALIER_THREADS", "1", "OMP_NUM_THREADS", "1");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long PHASE_SECONDS = Long.getLong("espalier.scaleout.seconds", 0);
    private static final double[] TARGETS = {0.9, 0.8, 0.7};

    @TempDir
    static Path folder;
    private final StringBuilder table = new StringBuilder(
            "| gpu-workers | Workers (panel) | Tasks running (panel) | Tokens per second, recover (panel) |\n"
                    + "|---|---|---|---|\n");

    @Test
    void workersThatComeTakePartAndOneThatGoesLosesNothing() throws Exception {
        Path program = Prometheus.program().orElse(null);
        Assumptions.assumeTrue(program != null, "Prometheus is not on the PATH (apt-get install prometheus)");
        try (Cluster cluster = Cluster.start(folder.resolve("data"), 1, 1, 1, ONE_THREAD);
                Prometheus prometheus = Prometheus.start(program, folder.resolve("prometheus"),
                        cluster.client().server(), cluster.workers())) {
            List<JobSnapshot> jobs = cluster.submitAll(sweep());
            awaitRecovering(cluster, prometheus, jobs, 1, PHASE_SECONDS);
            cluster.startWorker(Program.GPU_WORKER);
            awaitRecovering(cluster, prometheus, jobs, 2, PHASE_SECONDS);
            Process third = cluster.startWorker(Program.GPU_WORKER);
            awaitRecovering(cluster, prometheus, jobs, 3, PHASE_SECONDS);
            Awaitility.await("the third is in the first half of a RECOVER task").atMost(PATIENCE)
                    .until(() -> PHASE_SECONDS > 0 || jobs.stream().map(job -> now(cluster, job))
                            .anyMatch(job -> isEarly(job, third)));
            third.destroy();
            assertThat(third.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("it gives its task back and ends")
                    .isTrue();
            awaitRecovering(cluster, prometheus, jobs, 2, PHASE_SECONDS);
            assertEqualResults(jobs.stream().map(cluster::awaitEnd).toList());
        }
    }

    /** Every target twice: equal requests, whoever works on them. */
    private static ObjectNode sweep() throws Exception {
        ObjectNode request = Requests.thorough("scale-out", folder.resolve("out"));
        request.putObject("method").put("name", "magnitude");
        request.remove("calibration");
        ((ObjectNode) request.at("/recovery/lora")).put("steps", 60 + PHASE_SECONDS * 24);
        ObjectNode text = (ObjectNode) request.at("/evaluation/perplexity/0");
        request.putObject("evaluation").putArray("perplexity").add(text.put("segments", 20));
        for (int i = 0; i < 2 * TARGETS.length; i++) {
            request.withArray("sweep").addObject().putObject("target").put("parameters", TARGETS[i % TARGETS.length]);
        }
        return request;
    }

    /**
     * Until so many workers are at work, as the dashboard's panel shows it.
     *
     * @param seconds how long they are so at least; the throughput is read where that is longer than its minute
     */
    private void awaitRecovering(Cluster cluster, Prometheus prometheus, List<JobSnapshot> jobs, int workers,
            long seconds) throws Exception {
        prometheus.scrape(cluster.workers());
        long began = System.nanoTime();
        Awaitility.await(workers + " workers at RECOVER").atMost(PATIENCE.plusSeconds(seconds))
                .pollInterval(Duration.ofSeconds(1)).until(() -> {
                    assertThat(jobs.stream().map(job -> now(cluster, job).state())).as("jobs left to work on").anyMatch(
                            state -> !state.ended());
                    return sum(prometheus, "Tasks running", "kind", "gpu") == workers && Duration.ofNanos(System
                            .nanoTime() - began).toSeconds() >= seconds;
                });
        String throughput = seconds > 60
                ? String.format(Locale.ROOT, "%.0f", sum(prometheus, "Tokens per second", "stage", "recover"))
                : "";
        table.append(String.format(Locale.ROOT, "| %d | %.0f | %.0f | %s |%n", workers, sum(prometheus, "Workers",
                "kind", "gpu"), sum(prometheus, "Tasks running", "kind", "gpu"), throughput));
        Files.writeString(TABLE, table);
    }

    private static boolean isEarly(JobSnapshot job, Process worker) {
        return job.stages().stream().filter(stage -> stage.stage() == StageName.RECOVER)
                .flatMap(stage -> stage.running().stream()).anyMatch(attempt -> attempt.progress() < 0.5
                        && attempt.worker().value().startsWith("gpu-" + worker.pid() + "-"));
    }

    private static JobSnapshot now(Cluster cluster, JobSnapshot job) {
        try {
            return cluster.client().job(job.id().value());
        } catch (ServerException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What the panel of the overview shows of one series now. */
    private static double sum(Prometheus prometheus, String panel, String label, String value) throws IOException,
            InterruptedException {
        String expression = Observability.queries().stream().filter(query -> query.dashboard().contains("overview")
                && query.panel().equals(panel)).findFirst().orElseThrow().expression();
        double sum = 0;
        for (JsonNode series : prometheus.ask(expression)) {
            if (series.at("/metric/" + label).asText().equals(value)) {
                sum += series.at("/value/1").asDouble();
            }
        }
        return sum;
    }

    private static void assertEqualResults(List<JobSnapshot> ended) {
        assertThat(ended).allSatisfy(job -> assertThat(job.state()).as("%s", job.error()).isEqualTo(
                JobSnapshot.State.SUCCEEDED));
        for (int i = 0; i < TARGETS.length; i++) {
            JobSnapshot one = ended.get(i);
            JobSnapshot other = ended.get(i + TARGETS.length);
            assertThat(one.planArtifact()).isEqualTo(other.planArtifact());
            assertThat(one.models().get(Subject.RECOVERED).get("perplexity"))
                    .isEqualTo(other.models().get(Subject.RECOVERED).get("perplexity")).isNotNull();
        }
        assertThat(ended.stream().flatMap(job -> job.stages().stream()).filter(stage -> stage
                .stage() == StageName.RECOVER).mapToInt(stage -> stage.attempts() - stage.tasks()).sum())
                .as("attempts that were given back and went on elsewhere").isPositive();
    }
}
