package io.espalier.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

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
        List<String> found = new ArrayList<>();
        collect("", request, differs, found);
        return found;
    }

    private static void collect(String path, JsonNode request, JsonNode differs, List<String> found) {
        differs.properties().forEach(entry -> {
            String key = path + entry.getKey();
            JsonNode asked = request.path(entry.getKey());
            if (entry.getValue().isObject()) {
                collect(key + ".", asked, entry.getValue(), found);
            } else if (!entry.getValue().equals(asked)) {
                found.add(key + " " + (entry.getValue().isValueNode() ? entry.getValue().asText() : entry.getValue()));
            }
        });
    }
}
