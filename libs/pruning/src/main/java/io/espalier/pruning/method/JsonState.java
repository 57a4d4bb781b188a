package io.espalier.pruning.method;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** State of an iterative method as JSON, and back; numbers keep every bit. */
public final class JsonState {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonState() {}

    public static JsonNode write(Object state) {
        return MAPPER.valueToTree(state);
    }

    /** @throws IllegalArgumentException if it is not the state of such a method */
    public static <T> T read(JsonNode json, Class<T> type) {
        try {
            return MAPPER.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a state of this method: " + e.getOriginalMessage(), e);
        }
    }
}
