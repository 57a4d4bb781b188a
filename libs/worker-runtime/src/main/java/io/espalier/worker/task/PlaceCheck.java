package io.espalier.worker.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.platform.config.AllowedRoots;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Refuses work that names a place outside of the allowed roots, before a handler opens it. The coordinator has refused
 * what it could tell by name; here links are followed, and whoever published the task is not trusted.
 */
final class PlaceCheck {
    /** Keys whose value is a path or URI, wherever they stand in a {@link Work}. */
    private static final List<String> KEYS = List.of("location", "text", "data");

    private final AllowedRoots roots;

    PlaceCheck(AllowedRoots roots) {
        this.roots = roots;
    }

    /** @throws PermanentFailureException naming key and place */
    void verify(Work work) throws PermanentFailureException, IOException {
        if (!roots.roots().isEmpty()) {
            search(Json.events().valueToTree(work));
        }
    }

    private void search(JsonNode node) throws PermanentFailureException, IOException {
        for (String key : KEYS) {
            if (node.path(key).isTextual()) {
                Optional<String> refusal = roots.realRefusal(node.get(key).textValue());
                if (refusal.isPresent()) {
                    throw new PermanentFailureException(key + ": " + refusal.get());
                }
            }
        }
        for (JsonNode child : node) {
            search(child);
        }
    }
}
