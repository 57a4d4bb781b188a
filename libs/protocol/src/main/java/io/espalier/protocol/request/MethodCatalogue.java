package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.StreamSupport;

/** The pruning methods with their options, as request.schema.json has them. */
public final class MethodCatalogue {
    /**
     * A pruning method.
     *
     * @param name    as written in {@code method.name}
     * @param title   as the paper calls it
     * @param paper   title, venue and identifier
     * @param samples calibration sequences unless the request says otherwise
     * @param length  tokens each
     */
    public record Method(String name, String title, String description, String paper, int samples, int length,
            List<Option> options) {
        public Method {
            options = List.copyOf(options);
        }
    }

    /**
     * One option.
     *
     * @param type         {@code integer}, {@code number}, {@code boolean} or {@code one of a, b, …}
     * @param defaultValue as JSON; null where there is none
     * @param description  ends with {@code [D]} where the value is our derivation, not the authors'
     */
    public record Option(String name, String type, JsonNode defaultValue, String description) {}

    private final RequestSchema schema;
    private final List<Method> methods;

    MethodCatalogue(RequestSchema schema) {
        this.schema = schema;
        JsonNode names = schema.definition("method").at("/properties/name/enum");
        methods = StreamSupport.stream(names.spliterator(), false).map(n -> method(n.textValue())).toList();
    }

    public List<Method> all() {
        return methods;
    }

    public Method get(String name) {
        return methods.stream().filter(m -> m.name().equals(name)).findFirst()
                .orElseThrow(() -> new NoSuchElementException("no pruning method is called '" + name + "'"));
    }

    /** Whether a valid method with these options draws statistics from text. */
    public boolean needsData(JsonNode method) {
        JsonNode free = schema.definition(method.required("name").textValue()).path("x-data-free");
        if (free.isBoolean()) {
            return !free.booleanValue();
        }
        return free.properties().stream()
                .noneMatch(option -> StreamSupport.stream(option.getValue().spliterator(), false)
                        .anyMatch(method.path(option.getKey())::equals));
    }

    /** Samples and length as the method's authors chose them, where the request is silent. */
    void fillCalibration(ObjectNode request) {
        Method method = get(request.at("/method/name").textValue());
        ObjectNode calibration = (ObjectNode) request.required("calibration");
        if (!calibration.has("samples")) {
            calibration.put("samples", method.samples());
        }
        if (!calibration.has("length")) {
            calibration.put("length", method.length());
        }
    }

    private Method method(String name) {
        ObjectNode definition = schema.definition(name);
        List<Option> options = new ArrayList<>();
        for (var property : definition.get("properties").properties()) {
            if (!property.getKey().equals("name")) {
                options.add(option(property.getKey(), property.getValue()));
            }
        }
        return new Method(name, definition.get("title").textValue(), definition.get("description").textValue(),
                definition.get("x-paper").textValue(), definition.at("/x-calibration/samples").intValue(),
                definition.at("/x-calibration/length").intValue(), options);
    }

    private static Option option(String name, JsonNode property) {
        return new Option(name, type(property), property.get("default"), property.path("description").asText());
    }

    private static String type(JsonNode property) {
        if (property.has("enum")) {
            return "one of " + String.join(", ", texts(property.get("enum")));
        }
        JsonNode type = property.get("type");
        return type.isArray() ? texts(type).getFirst() : type.textValue();
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
    }
}
