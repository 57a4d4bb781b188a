package io.espalier.cli.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestProblem;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** The files and folders that a request names. */
public final class RequestPaths {
    private static final Pattern URI_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

    private RequestPaths() {}

    /** Resolves relative paths against a folder, in place; URIs stay as they are. */
    public static void makeAbsolute(ObjectNode request, Path folder) {
        inputs(request, (pointer, object) -> resolve(object, key(pointer), folder));
        if (request.get("output") instanceof ObjectNode output) {
            resolve(output, "location", folder);
        }
    }

    /** @throws InvalidRequestException that names every input on this machine that cannot be read */
    public static void requireInputs(ObjectNode request) {
        List<RequestProblem> problems = new ArrayList<>();
        inputs(request, (pointer, object) -> local(object.path(key(pointer)).asText()).flatMap(path -> wrong(pointer,
                path)).ifPresent(message -> problems.add(new RequestProblem(pointer, message))));
        if (!problems.isEmpty()) {
            throw new InvalidRequestException(problems);
        }
    }

    /** The path that a location means, if it is on this machine. */
    public static Optional<Path> local(String location) {
        if (location.startsWith("file:")) {
            return Optional.of(Path.of(URI.create(location)));
        }
        return URI_SCHEME.matcher(location).matches() ? Optional.empty() : Optional.of(Path.of(location));
    }

    private static Optional<String> wrong(String pointer, Path path) {
        if (Files.notExists(path)) {
            return Optional.of("there is no " + path);
        }
        if (pointer.equals("/model") && !Files.isRegularFile(path.resolve("config.json"))) {
            return Optional.of(path + " is not a Hugging Face checkpoint folder: it has no config.json");
        }
        return Files.isReadable(path) ? Optional.empty() : Optional.of(path + " cannot be read");
    }

    private static void inputs(ObjectNode request, BiConsumer<String, ObjectNode> visitor) {
        visit(request, "/model", visitor);
        visit(request, "/calibration/text", visitor);
        visit(request, "/recovery/lora/data", visitor);
        for (int i = 0; i < request.at("/evaluation/perplexity").size(); i++) {
            visit(request, "/evaluation/perplexity/" + i + "/text", visitor);
        }
        for (int i = 0; i < request.at("/evaluation/tasks").size(); i++) {
            visit(request, "/evaluation/tasks/" + i + "/data", visitor);
        }
    }

    private static void visit(ObjectNode request, String pointer, BiConsumer<String, ObjectNode> visitor) {
        JsonNode parent = request.at(pointer.substring(0, pointer.lastIndexOf('/')));
        if (parent instanceof ObjectNode object && object.path(key(pointer)).isTextual()) {
            visitor.accept(pointer, object);
        }
    }

    private static String key(String pointer) {
        return pointer.substring(pointer.lastIndexOf('/') + 1);
    }

    private static void resolve(ObjectNode object, String key, Path folder) {
        String text = object.path(key).asText();
        if (!URI_SCHEME.matcher(text).matches()) {
            object.put(key, folder.resolve(text).normalize().toString());
        }
    }
}
