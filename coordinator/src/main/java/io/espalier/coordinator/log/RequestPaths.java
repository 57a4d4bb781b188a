package io.espalier.coordinator.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestProblem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Makes the paths of a request absolute, so that they mean the same to every worker; URIs stay as they are. */
final class RequestPaths {
    private static final Pattern URI = Pattern.compile("(?:[A-Za-z][A-Za-z0-9+.-]*://|file:).*", Pattern.DOTALL);

    private final Path folder;

    RequestPaths(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /** In place. */
    ObjectNode absolute(ObjectNode request) {
        resolve(request, "", "model");
        resolve(request.path("calibration"), "/calibration", "text");
        resolve(request.at("/recovery/lora"), "/recovery/lora", "data");
        resolveEach(request.at("/evaluation/perplexity"), "/evaluation/perplexity", "text");
        resolveEach(request.at("/evaluation/tasks"), "/evaluation/tasks", "data");
        resolve(request.path("output"), "/output", "location");
        return request;
    }

    private void resolveEach(JsonNode list, String pointer, String key) {
        for (int i = 0; i < list.size(); i++) {
            resolve(list.get(i), pointer + "/" + i, key);
        }
    }

    private void resolve(JsonNode parent, String pointer, String key) {
        String text = parent.path(key).textValue();
        if (text == null || URI.matcher(text).matches()) {
            return;
        }
        try {
            ((ObjectNode) parent).put(key, folder.resolve(text).normalize().toString());
        } catch (InvalidPathException e) {
            throw new InvalidRequestException(new RequestProblem(pointer + "/" + key, "'" + text + "' is not a path: "
                    + e.getReason()));
        }
    }
}
