package io.espalier.cli.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;

/** The coordinator's HTTP interface, see docs/api. */
public final class CoordinatorClient implements AutoCloseable {
    private static final String JOBS = "/api/v1/jobs";
    private static final String DEAD_LETTERS = "/api/v1/dead-letters";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PAGE = 200;

    private final URI server;
    private final String token;
    private final Map<String, String> headers;
    private final HttpClient http;

    /** @param token bearer token, null for none */
    public CoordinatorClient(URI server, String token) {
        this(server, token, null, Map.of());
    }

    /**
     * @param tls     whom to trust and what to show, null for the runtime's own
     * @param headers of every request, besides its own
     */
    public CoordinatorClient(URI server, String token, SSLContext tls, Map<String, String> headers) {
        this.server = server;
        this.token = token;
        this.headers = Map.copyOf(headers);
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10));
        this.http = (tls == null ? builder : builder.sslContext(tls)).build();
    }

    public URI server() {
        return server;
    }

    /**
     * Submits one request; the jobs that came of it.
     *
     * @param key the same key and request make the same jobs, however often they are sent
     */
    public List<JobSnapshot> submit(String key, JsonNode request) throws ServerException, InterruptedException {
        HttpRequest.Builder post = to(JOBS).header("Content-Type", "application/json").header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(request.toString()));
        JsonNode answer = send(post);
        return answer.has("jobs") ? snapshots(answer.get("jobs")) : List.of(snapshot(answer));
    }

    /** All jobs, page by page; a state filters. */
    public List<JobSnapshot> jobs(JobSnapshot.State state) throws ServerException, InterruptedException {
        List<JobSnapshot> jobs = new ArrayList<>();
        String after = null;
        do {
            JsonNode page = send(to(JOBS + "?limit=" + PAGE + (state == null ? "" : "&state=" + state)
                    + (after == null ? "" : "&after=" + after)));
            jobs.addAll(snapshots(page.path("jobs")));
            after = page.path("next").textValue();
        } while (after != null);
        return jobs;
    }

    public JobSnapshot job(String id) throws ServerException, InterruptedException {
        return snapshot(send(to(JOBS + "/" + id)));
    }

    /** report.json, as the server has it. */
    public ObjectNode report(String id) throws ServerException, InterruptedException {
        return (ObjectNode) send(to(JOBS + "/" + id + "/report"));
    }

    /** @param verb cancel, pause, resume or retry */
    public JobSnapshot command(String id, String verb) throws ServerException, InterruptedException {
        return snapshot(send(to(JOBS + "/" + id + "/" + verb).POST(BodyPublishers.noBody())));
    }

    /** Forgets an ended job and its artifacts; whether that is done already. */
    public boolean delete(String id) throws ServerException, InterruptedException {
        HttpResponse<String> response = exchange(to(JOBS + "/" + id).DELETE(), BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw problem(response.statusCode(), parse(response));
        }
        return response.statusCode() == 204;
    }

    /** What could not be processed, latest first. */
    public List<DeadLetter> deadLetters(int limit) throws ServerException, InterruptedException {
        List<DeadLetter> letters = new ArrayList<>();
        for (JsonNode letter : send(to(DEAD_LETTERS + "?limit=" + limit)).path("deadLetters")) {
            letters.add(read(letter, DeadLetter.class));
        }
        return letters;
    }

    /** Sends a dead letter again; {@code topic} and {@code as} tell where to and as what. */
    public JsonNode replay(long number) throws ServerException, InterruptedException {
        return send(to(DEAD_LETTERS + "/" + number + "/replay").POST(BodyPublishers.noBody()));
    }

    /** The server-sent events of one job; closing the stream ends them. */
    InputStream events(String id) throws ServerException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(JOBS + "/" + id + "/events"))
                .header("Accept", "text/event-stream");
        HttpResponse<InputStream> response = exchange(request, BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new ServerException(response.statusCode(), "no events of " + id);
        }
        return response.body();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(server.resolve(path)).header("Accept", "application/json").timeout(PATIENCE);
    }

    private JsonNode send(HttpRequest.Builder request) throws ServerException, InterruptedException {
        HttpResponse<String> response = exchange(request, BodyHandlers.ofString());
        JsonNode body = parse(response);
        if (response.statusCode() >= 300) {
            throw problem(response.statusCode(), body);
        }
        return body;
    }

    private <T> HttpResponse<T> exchange(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
            throws ServerException, InterruptedException {
        try {
            headers.forEach(request::setHeader);
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            return http.send(request.build(), handler);
        } catch (ConnectException e) {
            throw new ServerException("no coordinator answers at " + server
                    + ": start one (espalier up) or name it with --server or ESPALIER_SERVER", e);
        } catch (IOException e) {
            throw new ServerException("the coordinator at " + server + " does not answer: " + e.getMessage(), e);
        }
    }

    private JsonNode parse(HttpResponse<String> response) throws ServerException {
        try {
            return Json.events().readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new ServerException(response.statusCode(), "what answers at " + server
                    + " is not a coordinator (status " + response.statusCode() + ", not JSON)");
        }
    }

    /** RFC 9457: detail says what is wrong, errors where. */
    private static ServerException problem(int status, JsonNode body) {
        List<String> errors = new ArrayList<>();
        for (JsonNode error : body.path("errors")) {
            String pointer = error.path("pointer").asText("");
            errors.add((pointer.isEmpty() ? "" : pointer + ": ")
                    + error.path("detail").asText(error.path("message").asText("")));
        }
        String title = body.path("title").asText("status " + status);
        return ServerException.of(status, title, body.path("detail").asText(""), errors);
    }

    private static List<JobSnapshot> snapshots(JsonNode list) throws ServerException {
        List<JobSnapshot> jobs = new ArrayList<>();
        for (JsonNode job : list) {
            jobs.add(snapshot(job));
        }
        return jobs;
    }

    static JobSnapshot snapshot(JsonNode json) throws ServerException {
        return read(json, JobSnapshot.class);
    }

    private static <T> T read(JsonNode json, Class<T> type) throws ServerException {
        try {
            return Json.events().treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new ServerException("the coordinator speaks another version: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
