package io.espalier.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds a report: a job of the coordinator, a report.json, or a result folder with one. */
final class ReportSource {
    private static final String NAME = "report.json";

    private ReportSource() {}

    static ObjectNode read(String jobOrPath, CoordinatorClient client)
            throws UsageException, ServerException, InterruptedException {
        Path path = Path.of(jobOrPath);
        Path file = Files.isDirectory(path) ? path.resolve(NAME) : path;
        return Files.isRegularFile(file) ? parse(file) : client.report(jobOrPath);
    }

    static ObjectNode parse(Path file) throws UsageException {
        try {
            JsonNode json = Json.events().readTree(file.toFile());
            if (json instanceof ObjectNode report && report.at("/job/id").isTextual()) {
                return report;
            }
            throw new UsageException(file + " is not a report of Espalier");
        } catch (IOException e) {
            throw new UsageException(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
