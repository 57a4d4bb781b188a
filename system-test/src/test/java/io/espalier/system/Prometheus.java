package io.espalier.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real Prometheus that scrapes a running stack, under the job names of {@code deploy/prometheus/prometheus.yml}. */
final class Prometheus implements AutoCloseable {
    private static final String WORKERS = "workers.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final URI address;
    private final Path targets;
    private final HttpClient http = HttpClient.newHttpClient();

    private Prometheus(Process process, URI address, Path targets) {
        this.process = process;
        this.targets = targets;
        this.address = address;
    }

    /** The program on the PATH (Debian package {@code prometheus}), if it is installed. */
    static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, "prometheus"))
                .filter(Files::isExecutable).findFirst();
    }

    static Prometheus start(Path program, Path folder, URI coordinator, List<URI> workers) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path config = Files.createDirectories(folder).resolve("prometheus.yml");
        Files.writeString(config, """
                global: { scrape_interval: 1s, evaluation_interval: 1s }
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: espalier-coordinator
                    honor_labels: true
                    static_configs: [{ targets: [%s] }]
                  - job_name: espalier-workers
                    file_sd_configs: [{ files: ["%s"], refresh_interval: 1s }]
                """.formatted(Observability.RULES, coordinator.getAuthority(), folder.resolve(WORKERS)));
        write(folder.resolve(WORKERS), workers);
        Process process = new ProcessBuilder(program.toString(), "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"), "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true).redirectOutput(folder.resolve("prometheus.log").toFile()).start();
        Prometheus prometheus = new Prometheus(process, URI.create("http://127.0.0.1:" + port), folder.resolve(
                WORKERS));
        Awaitility.await("Prometheus is ready").atMost(Duration.ofSeconds(60)).ignoreExceptions()
                .until(() -> prometheus.get("/-/ready").statusCode() == 200);
        return prometheus;
    }

    /** Scrapes these workers from now on. */
    void scrape(List<URI> workers) throws IOException {
        write(targets, workers);
    }

    private static void write(Path targets, List<URI> workers) throws IOException {
        JSON.writeValue(targets.toFile(), List.of(Map.of("targets", workers.stream().map(URI::getAuthority).toList())));
    }

    /** The series that answer a query now. */
    JsonNode ask(String expression) throws IOException, InterruptedException {
        HttpResponse<String> response = get("/api/v1/query?query="
                + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        JsonNode answer = JSON.readTree(response.body());
        if (!answer.path("status").asText().equals("success")) {
            throw new IllegalArgumentException(expression + ": " + answer.path("error").asText());
        }
        return answer.at("/data/result");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(address.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        http.close();
        process.destroy();
        if (process.onExit().completeOnTimeout(null, 20, TimeUnit.SECONDS).join() == null) {
            process.destroyForcibly();
        }
    }
}
