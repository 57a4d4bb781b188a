package io.espalier.cli.command;

import io.espalier.cli.server.CoordinatorClient;
import java.net.URI;
import picocli.CommandLine.Option;

/** Which coordinator to talk to. A token, being a secret, comes from {@code ESPALIER_HTTP_TOKEN} only. */
final class ServerOption {
    @Option(names = "--server", paramLabel = "URL", defaultValue = "${ESPALIER_SERVER:-http://127.0.0.1:8080}", description = "The coordinator (ESPALIER_SERVER, else http://127.0.0.1:8080).")
    private URI server;

    CoordinatorClient connect() {
        return new CoordinatorClient(server, System.getenv("ESPALIER_HTTP_TOKEN"));
    }
}
