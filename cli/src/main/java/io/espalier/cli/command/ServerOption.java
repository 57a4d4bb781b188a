package io.espalier.cli.command;

import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.server.ServerTls;
import io.espalier.platform.trace.TraceHeaders;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Which coordinator to talk to. A token, being a secret, comes from {@code ESPALIER_HTTP_TOKEN} only; for TLS
 * {@code ESPALIER_SERVER_CA} says whom to trust, {@code ESPALIER_CLIENT_CERTIFICATE} and {@code ESPALIER_CLIENT_KEY} what
 * to show.
 */
final class ServerOption {
    @Option(names = "--server", paramLabel = "URL", defaultValue = "${ESPALIER_SERVER:-http://127.0.0.1:8080}", description = "The coordinator (ESPALIER_SERVER, else port 8080 of this machine).")
    private URI server;

    CoordinatorClient connect() throws ServerException {
        ServerTls tls = new ServerTls(file("ESPALIER_SERVER_CA"), file("ESPALIER_CLIENT_CERTIFICATE"),
                file("ESPALIER_CLIENT_KEY"));
        return new CoordinatorClient(server, System.getenv("ESPALIER_HTTP_TOKEN"), tls.context(), trace());
    }

    /** What a build server set, so that what is asked of the coordinator belongs to its trace. */
    private static Map<String, String> trace() {
        Map<String, String> headers = new HashMap<>();
        TraceHeaders.write(TraceHeaders.ofEnvironment(System.getenv()), headers);
        return headers;
    }

    private static Path file(String variable) {
        String name = System.getenv(variable);
        return name == null || name.isBlank() ? null : Path.of(name);
    }
}
