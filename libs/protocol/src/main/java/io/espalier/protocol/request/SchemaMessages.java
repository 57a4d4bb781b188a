package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Says in a user's words what the schema validator found: key, value, and what would be right. */
final class SchemaMessages {
    private final ObjectNode root;

    SchemaMessages(ObjectNode root) {
        this.root = root;
    }

    RequestProblem problem(Error error) {
        String pointer = error.getInstanceLocation().toString();
        JsonNode rule = error.getSchemaNode();
        return switch (error.getKeyword()) {
            case "additionalProperties" -> new RequestProblem(Pointers.child(pointer, error.getProperty()),
                    unknownKey(error.getProperty(), schemaAround(error)));
            case "required" -> new RequestProblem(Pointers.child(pointer, error.getProperty()),
                    "is missing" + describe(schemaAround(error).at("/properties").path(error.getProperty())));
            default -> new RequestProblem(pointer, value(error, rule));
        };
    }

    private String value(Error error, JsonNode rule) {
        String shown = show(error.getInstanceNode());
        return switch (error.getKeyword()) {
            case "enum" -> notOneOf(error.getInstanceNode(), words(rule));
            case "type" -> shown + " is not " + type(rule) + describe(schemaAround(error));
            case "minimum" -> shown + " is too small: at least " + rule;
            case "exclusiveMinimum" -> shown + " is too small: more than " + rule;
            case "maximum" -> shown + " is too large: at most " + rule;
            case "exclusiveMaximum" -> shown + " is too large: less than " + rule;
            case "pattern" -> shown + " has the wrong form" + describe(schemaAround(error));
            case "minLength", "minItems" -> "cannot be empty";
            case "maxLength" -> "is too long: at most " + rule + " characters";
            case "maxItems" -> "is too long: at most " + rule + " entries";
            case "minProperties", "maxProperties" ->
                "write exactly one of " + String.join(", ", known(schemaAround(error)));
            case "uniqueItems" -> "holds an entry twice";
            default -> error.getMessage();
        };
    }

    private String unknownKey(String key, JsonNode schema) {
        List<String> known = known(schema);
        String message = "unknown key '" + cut(key) + "'";
        Optional<String> nearest = Nearest.of(key, known);
        if (nearest.isPresent() && Nearest.near(key, nearest.get())) {
            return message + "; did you mean '" + nearest.get() + "'?";
        }
        return message + nearest.map(n -> "; the nearest known key is '" + n + "'").orElse("") + " (known: "
                + String.join(", ", known) + ")";
    }

    private static String notOneOf(JsonNode value, List<String> words) {
        String message = show(value) + " is not one of " + String.join(", ", words);
        return Nearest.of(value.asText(), words).filter(n -> Nearest.near(value.asText(), n))
                .map(n -> message + "; did you mean '" + n + "'?").orElse(message);
    }

    /** The schema object in which the violated keyword stands. */
    private JsonNode schemaAround(Error error) {
        String keyword = error.getSchemaLocation().getFragment().toString();
        JsonNode schema = root.at(keyword.substring(0, keyword.lastIndexOf('/')));
        return keyword.startsWith("/then/") ? root : schema;
    }

    private static List<String> known(JsonNode schema) {
        List<String> names = new ArrayList<>();
        schema.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private String describe(JsonNode schema) {
        JsonNode target = schema.has("$ref") ? root.at(schema.get("$ref").textValue().substring(1)) : schema;
        String description = target.path("description").asText("");
        return description.isEmpty() ? "" : ". " + description;
    }

    private static List<String> words(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
    }

    private static String type(JsonNode rule) {
        List<String> types = rule.isArray() ? words(rule) : List.of(rule.asText());
        return types.stream().filter(t -> !t.equals("null")).map(SchemaMessages::withArticle)
                .collect(Collectors.joining(" or "));
    }

    private static String withArticle(String type) {
        return switch (type) {
            case "string" -> "a text";
            case "boolean" -> "true or false";
            case "array" -> "a list";
            case "integer" -> "a whole number";
            case "object" -> "an object with keys";
            default -> "a " + type.toLowerCase(Locale.ROOT);
        };
    }

    private static String show(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "'" + cut(value.textValue()) + "'";
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            default -> cut(value.toString());
        };
    }

    private static String cut(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
