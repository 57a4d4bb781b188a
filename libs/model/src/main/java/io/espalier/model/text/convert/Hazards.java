package io.espalier.model.text.convert;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.model.config.InvalidCheckpointException;
import java.nio.file.Path;
import java.util.Base64;

/**
 * What the native tokenizer does not refuse but ends the process at (a panic cannot pass its boundary to Java), looked for in
 * a {@code tokenizer.json} beforehand.
 */
final class Hazards {
    private static final String CHARSMAP = "precompiled_charsmap";

    /** The native reader gives up at 128. */
    private static final int DEEPEST = 100;

    private final Path file;

    private Hazards(Path file) {
        this.file = file;
    }

    /**
     * @param file that the tokenizer comes from, for the message
     * @throws InvalidCheckpointException where there is one
     */
    static void refuse(Path file, JsonNode tokenizer) {
        new Hazards(file).look(tokenizer, 0);
    }

    private void look(JsonNode node, int depth) {
        if (depth > DEEPEST) {
            throw new InvalidCheckpointException(file + ": is nested more than " + DEEPEST + " deep");
        }
        if (node.isNumber() && !Double.isFinite(node.doubleValue())) {
            throw new InvalidCheckpointException(file + ": holds a number that is too large");
        }
        if (node.path("type").asText().equals("Precompiled") || node.path(CHARSMAP).isTextual()) {
            charsmap(node.path(CHARSMAP));
        }
        node.forEach(child -> look(child, depth + 1));
    }

    private void charsmap(JsonNode encoded) {
        try {
            byte[] bytes = Base64.getDecoder().decode(encoded.asText());
            if (!Base64.getEncoder().encodeToString(bytes).equals(encoded.textValue())) {
                throw new IllegalArgumentException("it is not Base64");
            }
            Charsmap.check(bytes);
        } catch (IllegalArgumentException e) {
            throw new InvalidCheckpointException(file + ": " + CHARSMAP + ": " + e.getMessage(), e);
        }
    }
}
