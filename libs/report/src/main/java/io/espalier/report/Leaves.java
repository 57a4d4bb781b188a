package io.espalier.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What stands at the ends of a JSON object, by the keys that lead there ({@code latency.decode}); a list is one value. */
public final class Leaves {
    private Leaves() {}

    /** In the object's order. */
    static Map<String, JsonNode> of(JsonNode object) {
        Map<String, JsonNode> leaves = new LinkedHashMap<>();
        collect("", object, leaves);
        return leaves;
    }

    /** {@code latency.decode 0.8}, one for each, for people. */
    public static List<String> told(JsonNode object) {
        return of(object).entrySet().stream().map(leaf -> told(leaf.getKey(), leaf.getValue())).toList();
    }

    static String told(String path, JsonNode value) {
        return path + " " + (value.isValueNode() ? value.asText() : value);
    }

    private static void collect(String before, JsonNode object, Map<String, JsonNode> leaves) {
        object.properties().forEach(entry -> {
            String path = before + entry.getKey();
            if (entry.getValue().isObject()) {
                collect(path + ".", entry.getValue(), leaves);
            } else {
                leaves.put(path, entry.getValue());
            }
        });
    }
}
