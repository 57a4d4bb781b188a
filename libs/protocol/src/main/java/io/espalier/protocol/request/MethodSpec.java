package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * A pruning method and its options: the {@code method} object of a request, defaults filled in. The schema knows every
 * method's options; reading them here cannot fail on a valid request.
 */
public record MethodSpec(@JsonValue ObjectNode json) {
    @JsonCreator
    public MethodSpec {
        Objects.requireNonNull(json.get("name"), "method.name");
    }

    public String name() {
        return json.get("name").textValue();
    }

    public String text(String option) {
        return required(option).textValue();
    }

    public int integer(String option) {
        return required(option).intValue();
    }

    public double number(String option) {
        return required(option).doubleValue();
    }

    public boolean flag(String option) {
        return required(option).booleanValue();
    }

    /** Whether the method chooses among candidates by measuring them. */
    public boolean searches() {
        return switch (name()) {
            case "search", "adapruner" -> true;
            case "nirvana" -> has("sets") && integer("sets") > 1;
            default -> false;
        };
    }

    /** Whether an option without default was given. */
    public boolean has(String option) {
        return json.hasNonNull(option);
    }

    private JsonNode required(String option) {
        JsonNode value = json.get(option);
        if (value == null) {
            throw new IllegalArgumentException("method." + option + ": not an option of " + name());
        }
        return value;
    }
}
