package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** The files and folders that a request names: the one list of the keys that hold them, sweeps included. */
public final class RequestPlaces {
    private static final Pattern URI_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*", Pattern.DOTALL);
    private static final List<String> INPUTS = List.of("/model", "/calibration/text",
            "/select/among/*/calibration/text", "/recovery/lora/data",
            "/evaluation/perplexity/*/text", "/evaluation/tasks/*/data");
    private static final List<String> ALL = List.of("/model", "/calibration/text",
            "/select/among/*/calibration/text", "/recovery/lora/data",
            "/evaluation/perplexity/*/text", "/evaluation/tasks/*/data", "/output/location");

    /**
     * @param pointer  JSON pointer of the key
     * @param location path or URI, as the request has it
     */
    public record Place(String pointer, String location) {}

    private RequestPlaces() {}

    /** What the work reads. */
    public static List<Place> inputs(JsonNode request) {
        return places(request, INPUTS);
    }

    /** What the work reads and writes. */
    public static List<Place> all(JsonNode request) {
        return places(request, ALL);
    }

    /**
     * Resolves relative paths against a folder, in place, so that they mean the same to every process; URIs stay as they
     * are.
     *
     * @throws InvalidRequestException if something is neither a path nor a URI
     */
    public static void makeAbsolute(ObjectNode request, Path folder) {
        visit(request, ALL, (pointer, parent) -> {
            String key = key(pointer);
            String text = parent.get(key).textValue();
            if (!URI_SCHEME.matcher(text).matches()) {
                parent.put(key, absolute(pointer, text, folder));
            }
        });
    }

    /** The path that a location means, if it is on this machine. */
    public static Optional<Path> local(String location) {
        if (location.startsWith("file:")) {
            return Optional.of(Path.of(URI.create(location)));
        }
        return URI_SCHEME.matcher(location).matches() ? Optional.empty() : Optional.of(Path.of(location));
    }

    private static String absolute(String pointer, String text, Path folder) {
        try {
            return folder.toAbsolutePath().resolve(text).normalize().toString();
        } catch (InvalidPathException e) {
            throw new InvalidRequestException(
                    new RequestProblem(pointer, "'" + text + "' is not a path: " + e.getReason()));
        }
    }

    private static List<Place> places(JsonNode request, List<String> patterns) {
        List<Place> places = new ArrayList<>();
        visit(request, patterns,
                (pointer, parent) -> places.add(new Place(pointer, parent.get(key(pointer)).textValue())));
        return places;
    }

    private static void visit(JsonNode request, List<String> patterns, BiConsumer<String, ObjectNode> visitor) {
        for (String pattern : patterns) {
            visit(request, "", pattern, visitor);
            for (int i = 0; i < request.path("sweep").size(); i++) {
                visit(request.path("sweep").get(i), "/sweep/" + i, pattern, visitor);
            }
        }
    }

    /** Follows a pattern, whose {@code *} stands for every element of a list, to the objects that have its last key. */
    private static void visit(JsonNode node, String pointer, String pattern, BiConsumer<String, ObjectNode> visitor) {
        int star = pattern.indexOf("/*");
        if (star >= 0) {
            String list = pattern.substring(0, star);
            for (int i = 0; i < node.at(list).size(); i++) {
                visit(node.at(list).path(i), pointer + list + "/" + i, pattern.substring(star + 2), visitor);
            }
        } else if (node.at(pattern).isTextual()) {
            visitor.accept(pointer + pattern, (ObjectNode) node.at(pattern.substring(0, pattern.lastIndexOf('/'))));
        }
    }

    private static String key(String pointer) {
        return pointer.substring(pointer.lastIndexOf('/') + 1);
    }
}
