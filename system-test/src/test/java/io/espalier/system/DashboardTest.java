package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.message.JobSnapshot;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every metric that a dashboard or an alert names is exported by a running stack. */
class DashboardTest {
    private static final Pattern EXPRESSION = Pattern.compile("\"expr\": \"(.*)\"|^\\s*expr: (.*)$", Pattern.MULTILINE);
    private static final Pattern METRIC = Pattern
            .compile("\\b((?:espalier|jvm|process|kafka|vertx)_[a-z0-9_]+)");
    private static final Pattern EXPORTED = Pattern.compile("(?m)^([a-z_0-9]+)[{ ]");
    private static final Pattern READY = Pattern.compile("READY \\S+ (http://\\S+)");

    @TempDir
    static Path folder;

    @Test
    void everyNamedMetricExists() throws Exception {
        Set<String> missing = named();
        assertThat(missing).as("metrics named in deploy/").hasSizeGreaterThan(10);
        try (Cluster cluster = Cluster.start(folder.resolve("data"), 1, 1, 1)) {
            JobSnapshot job = cluster.submit(Requests.thorough("metrics", folder.resolve("out")));
            cluster.await(job, "all metrics", j -> {
                missing.removeAll(exported(cluster));
                return missing.isEmpty() || j.state().ended();
            });
        }
        assertThat(missing).as("metrics that nobody exports").isEmpty();
    }

    private static Set<String> named() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Repository.ROOT.resolve("deploy"))) {
            for (Path file : files.filter(f -> f.toString().matches(".*\\.(json|yml)")).toList()) {
                for (String expression : all(EXPRESSION, Files.readString(file))) {
                    names.addAll(all(METRIC, expression));
                }
            }
        }
        return names;
    }

    private Set<String> exported(Cluster cluster) {
        Set<String> names = new TreeSet<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            names.addAll(all(EXPORTED, get(http, cluster.client().server().resolve("/metrics"))));
            for (String worker : workers()) {
                names.addAll(all(EXPORTED, get(http, URI.create(worker + "/metrics"))));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return names;
    }

    private static List<String> workers() throws IOException {
        try (Stream<Path> logs = Files.list(folder.resolve("data/logs"))) {
            return logs.filter(log -> log.getFileName().toString().contains("worker")).flatMap(log -> {
                try {
                    return all(READY, Files.readString(log)).stream();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }).toList();
        }
    }

    private static String get(HttpClient http, URI uri) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    /** First group that matched, of every match. */
    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results()
                .map(m -> m.group(1) == null && m.groupCount() > 1 ? m.group(2) : m.group(1)).toList();
    }
}
