package io.espalier.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** What one candidate of a selection has otherwise than the request, for people. */
public final class Differences {
    private Differences() {}

    /**
     * {@code method.criterion param_mix}, one for each key whose value is another one; empty if there is none.
     *
     * @param request with defaults filled in
     * @param differs parts of a request, likewise
     */
    public static List<String> between(JsonNode request, JsonNode differs) {
        Map<String, JsonNode> asked = Leaves.of(request);
        return Leaves.of(differs).entrySet().stream().filter(leaf -> !leaf.getValue().equals(asked.get(leaf.getKey())))
                .map(leaf -> Leaves.told(leaf.getKey(), leaf.getValue())).toList();
    }
}
