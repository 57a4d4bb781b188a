package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.system.Observability.Query;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Dashboards and rules agree with what a running stack exports, and a real Prometheus answers them with data. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardTest {
    private static final Pattern EXPORTED = Pattern.compile("(?m)^([a-z_0-9]+)[{ ]");
    private static final Pattern OURS = Pattern.compile("espalier_[a-z_]+");
    /** Where the last run's table goes; docs/dashboards.md shows one. */
    private static final Path TABLE = Repository.ROOT.resolve("system-test/target/dashboard-queries.md");

    @TempDir
    static Path folder;
    private Cluster cluster;

    @BeforeAll
    void start() throws Exception {
        cluster = Cluster.start(folder.resolve("data"), 1, 1, 1);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    /** And the reverse: a metric of ours that no dashboard and no rule shows is either missing there or useless. */
    @Test
    void everyNamedMetricExistsAndEveryMetricOfOursIsNamed() throws Exception {
        Set<String> named = Observability.metrics();
        Set<String> missing = new TreeSet<>(named);
        Set<String> seen = new TreeSet<>();
        JobSnapshot job = cluster.submit(Requests.thorough("metrics", folder.resolve("metrics")));
        cluster.await(job, "all metrics", j -> {
            seen.addAll(exported());
            missing.removeAll(seen);
            return missing.isEmpty() || j.state().ended();
        });
        cluster.awaitEnd(job);
        assertThat(named).hasSizeGreaterThan(15);
        assertThat(missing).as("metrics that nobody exports").isEmpty();
        Set<String> unnamed = new TreeSet<>();
        seen.stream().filter(name -> OURS.matcher(name).matches()).map(DashboardTest::family)
                .filter(name -> named.stream().map(DashboardTest::family).noneMatch(name::equals))
                .forEach(unnamed::add);
        assertThat(unnamed).as("metrics that nothing shows").isEmpty();
    }

    @Test
    void prometheusAnswersEveryQuery() throws Exception {
        Path program = Prometheus.program().orElse(null);
        Assumptions.assumeTrue(program != null, "Prometheus is not on the PATH (apt-get install prometheus)");
        Map<Query, JsonNode> answers = new LinkedHashMap<>();
        Observability.queries().forEach(query -> answers.put(query, MissingNode.getInstance()));
        try (Prometheus prometheus = Prometheus.start(program, folder.resolve("prometheus"),
                cluster.client().server(), cluster.workers())) {
            fail();
            JobSnapshot job = cluster.submit(Requests.thorough("queries", folder.resolve("queries")));
            cluster.await(job, "answers", j -> {
                answers.replaceAll((query, answer) -> isTelling(answer) ? answer : ask(prometheus, query, answer));
                return answers.values().stream().allMatch(DashboardTest::isTelling) || j.state().ended();
            });
            cluster.awaitEnd(job);
        }
        Files.createDirectories(TABLE.getParent());
        Files.writeString(TABLE, QueryTable.of(answers));
        assertThat(answers).as("queries without an answer").allSatisfy(
                (query, answer) -> assertThat(answer.isEmpty() && query.mustAnswer()).as(query.toString()).isFalse());
    }

    /** One job that fails, so that the panels of failures have something to show. */
    private void fail() throws Exception {
        Path broken = Files.createDirectories(folder.resolve("broken"));
        for (String file : List.of("config.json", "tokenizer.json")) {
            Files.copy(Repository.EXAMPLES.resolve("models/stories").resolve(file), broken.resolve(file));
        }
        Files.writeString(broken.resolve("model.safetensors"), "not a checkpoint");
        ObjectNode request = Requests.quick("fails", folder.resolve("fails")).put("model", broken.toString());
        cluster.awaitEnd(cluster.submit(request));
    }

    /** The newest answer; an older one where Prometheus has nothing any more. */
    private static JsonNode ask(Prometheus prometheus, Query query, JsonNode older) {
        try {
            JsonNode answer = prometheus.ask(query.expression());
            return answer.isEmpty() ? older : answer;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether some series has a value that a reader learns from. */
    private static boolean isTelling(JsonNode answer) {
        return QueryTable.telling(answer).isPresent();
    }

    /** Histograms and timers are several series of one metric. */
    private static String family(String metric) {
        return metric.replaceFirst("_(bucket|count|sum|max)$", "");
    }

    private Set<String> exported() {
        Set<String> names = new TreeSet<>();
        List<URI> processes = new ArrayList<>(cluster.workers());
        processes.add(cluster.client().server());
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (URI process : processes) {
                String metrics = http.send(HttpRequest.newBuilder(process.resolve("/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString()).body();
                EXPORTED.matcher(metrics).results().map((MatchResult match) -> match.group(1)).forEach(names::add);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return names;
    }
}
