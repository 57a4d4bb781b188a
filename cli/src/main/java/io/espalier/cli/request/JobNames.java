package io.espalier.cli.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.id.JobId;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** Names jobs so that people know them again: {@code stories-80-x3k9zq}. */
public final class JobNames {
    private static final int LONGEST_LABEL = 40;

    private JobNames() {}

    /** Label of the request, or name of its model, and a random suffix. */
    public static JobId fresh(JsonNode request) {
        String label = request.path("name").asText(lastPart(request.path("model").asText()));
        String plain = label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
        String start = plain.substring(0, Math.min(LONGEST_LABEL, plain.length())).replaceAll("-+$", "");
        String suffix = Long.toString(ThreadLocalRandom.current().nextLong(1L << 30, 1L << 31), 36);
        return new JobId((start.isEmpty() ? "job" : start) + "-" + suffix);
    }

    private static String lastPart(String location) {
        Path name = Path.of(location).getFileName();
        return name == null ? "" : name.toString();
    }
}
