package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.coordinator.access.AccessConfig;
import io.espalier.coordinator.access.Role;
import io.espalier.coordinator.http.HttpConfig;
import io.espalier.coordinator.http.Operation;
import io.espalier.coordinator.http.TlsConfig;
import io.espalier.platform.config.AllowedRoots;
import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roles, sessions of the page, TLS, client certificates, roots: each against a running coordinator. */
class SecurityTest {
    @TempDir
    static Path folder;
    private static TestStack stack;

    @BeforeAll
    static void start() throws Exception {
        stack = new TestStack(folder);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void everyOperationAsksForItsRole() throws Exception {
        Path tokens = folder.resolve("tokens.yaml");
        StringBuilder entries = new StringBuilder();
        for (Role role : Role.values()) {
            entries.append("- { name: %1$s, token: for-%1$s, roles: [%1$s] }%n".formatted(role.label()));
        }
        Files.writeString(tokens, entries);
        Coordinator guarded = start("roles", new AccessConfig(null, tokens.toString(), null), TlsConfig.off());
        for (Operation operation : Operation.values()) {
            if (operation == Operation.FOLLOW_JOBS) {
                continue; // answers without end; its route is made like every other
            }
            String path = operation.path().replaceAll("\\{\\w+}", "1");
            for (Role role : Role.values()) {
                int status = stack.send(guarded, operation.method().name(), path, null, "Authorization",
                        "Bearer for-" + role.label()).statusCode();
                boolean may = operation.role() == null || operation.role() == Role.READ || operation.role() == role;
                assertThat(status == 403).as(operation + " for " + role).isEqualTo(!may);
            }
            int anonymous = stack.send(guarded, operation.method().name(), path, null).statusCode();
            assertThat(anonymous == 401).as(operation + " for nobody").isEqualTo(operation.role() != null);
        }
        stack.stop(guarded);
    }

    @Test
    void thePageSignsInAndOut() throws Exception {
        Coordinator guarded = start("session", AccessConfig.ofToken("s3cret"), TlsConfig.off());
        assertThat(stack.send(guarded, "GET", "/", null).statusCode()).as("the page itself holds no data")
                .isEqualTo(200);
        assertThat(stack.send(guarded, "POST", "/api/v1/session", null, "Authorization", "Bearer guess").statusCode())
                .isEqualTo(401);
        HttpResponse<String> opened = stack.send(guarded, "POST", "/api/v1/session", null, "Authorization",
                "Bearer s3cret");
        assertThat(opened.statusCode()).isEqualTo(204);
        String cookie = opened.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).containsIgnoringCase("HttpOnly").contains("SameSite=Strict");
        String session = cookie.substring(0, cookie.indexOf(';'));
        assertThat(stack.send(guarded, "GET", "/api/v1/jobs", null, "Cookie", session).statusCode()).isEqualTo(200);
        assertThat(stack.send(guarded, "GET", "/api/v1/jobs", null, "Cookie", session, "Origin",
                "https://evil.example").statusCode()).isEqualTo(403);
        assertThat(stack.send(guarded, "DELETE", "/api/v1/session", null).headers().firstValue("Set-Cookie")
                .orElseThrow()).contains("Max-Age=0");
        stack.stop(guarded);
    }

    @Test
    void tlsIsSpokenAndClientCertificatesAreDemanded() throws Exception {
        Certificates server = Certificates.make(folder.resolve("tls"), "server");
        Certificates known = Certificates.make(folder.resolve("tls"), "known");
        Certificates stranger = Certificates.make(folder.resolve("tls"), "stranger");
        Coordinator guarded = start("tls", AccessConfig.open(), new TlsConfig(server.certificate().toString(), server
                .key().toString(), known.certificate().toString()));
        assertThat(guarded.address()).startsWith("https://");
        assertThat(get(guarded, server, known, "/api/v1/jobs").statusCode()).isEqualTo(200);
        assertThat(get(guarded, server, null, "/api/v1/jobs").statusCode()).isEqualTo(401);
        assertThat(get(guarded, server, null, "/health/live").statusCode()).isEqualTo(200);
        // the client finds its certificate is not among those asked for, and shows none
        assertThat(get(guarded, server, stranger, "/api/v1/jobs").statusCode()).isEqualTo(401);
        assertThatThrownBy(() -> get(guarded, stranger, known, "/api/v1/jobs")).isInstanceOf(SSLException.class);
        stack.stop(guarded);
    }

    @Test
    void requestsMayNotLeaveTheRoots() throws Exception {
        Coordinator guarded = stack.startCoordinator("roots", config(AccessConfig.open(), TlsConfig.off()),
                new AllowedRoots(List.of("/m", "/out", folder.toString())));
        HttpResponse<String> refused = stack.submit(guarded, "outside", """
                model: /m/../etc
                method: { name: magnitude }
                target: { parameters: 0.8 }
                evaluation: { perplexity: [ { name: p, text: "s3://bucket/text", length: 128 } ] }
                output: { location: file:///var/spool/cron }
                """);
        assertThat(refused.statusCode()).isEqualTo(400);
        JsonNode problem = TestStack.json(refused);
        assertThat(problem.get("errors")).extracting(error -> error.get("pointer").asText())
                .containsExactlyInAnyOrder("/model", "/evaluation/perplexity/0/text", "/output/location");
        assertThat(stack.submit(guarded, "inside", """
                model: /m/llama
                method: { name: magnitude }
                target: { parameters: 0.8 }
                output: { location: /out/x }
                """).statusCode()).isEqualTo(202);
        stack.stop(guarded);
    }

    @Test
    void headersAreLimited() throws Exception {
        Coordinator open = start("headers", AccessConfig.open(), TlsConfig.off());
        URI jobs = URI.create(open.address() + "/api/v1/jobs");
        try (Socket socket = new Socket(jobs.getHost(), jobs.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("GET /api/v1/jobs HTTP/1.1\r\nHost: " + jobs.getAuthority() + "\r\nX-Long: "
                    + "x".repeat(1 << 16) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            assertThat(new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine()).startsWith("HTTP/1.1 4");
        }
        stack.stop(open);
    }

    @Test
    void certificateAndKeyGoTogether() {
        assertThatThrownBy(() -> TlsConfig.from(Settings.fromEnv(Map.of("ESPALIER_HTTP_TLS_KEY", folder.toString()))))
                .isInstanceOf(SettingException.class).hasMessageContaining("go together");
        assertThatThrownBy(() -> TlsConfig.from(Settings.fromEnv(Map.of("ESPALIER_HTTP_TLS_CERTIFICATE", "/none"))))
                .isInstanceOf(SettingException.class).hasMessageContaining("/none");
    }

    private static Coordinator start(String instance, AccessConfig access, TlsConfig tls) throws Exception {
        return stack.startCoordinator(instance, config(access, tls));
    }

    private static HttpConfig config(AccessConfig access, TlsConfig tls) {
        return new HttpConfig("127.0.0.1", 0, access, tls, 1 << 16, 1000, null);
    }

    private static HttpResponse<String> get(Coordinator coordinator, Certificates trusted, Certificates shown,
            String path) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(trusted.trusting(shown)).build()) {
            return client.send(HttpRequest.newBuilder(URI.create(coordinator.address() + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
