package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/** What a schema cannot say: rules between several keys. Works on a request that fits the schema, defaults filled in. */
final class RequestRules {
    private static final int MOST_LABELS = 20;
    private static final Set<String> RANGED_CRITERIA = Set.of("param_first", "param_mix");

    private final ObjectNode request;
    private final List<RequestProblem> problems = new ArrayList<>();

    private RequestRules(ObjectNode request) {
        this.request = request;
    }

    /** Checks, and replaces sizes such as {@code 5.4B} by numbers, in place. */
    static List<RequestProblem> apply(ObjectNode request, boolean needsData) {
        RequestRules rules = new RequestRules(request);
        rules.size("count", Quantity::count);
        rules.size("bytes", Quantity::bytes);
        rules.latency();
        rules.range("/layers/attention");
        rules.range("/layers/mlp");
        rules.calibrationText(needsData);
        rules.layerWise();
        rules.layerRanges();
        rules.batches();
        rules.labels();
        rules.names("/evaluation/perplexity", item -> item.path("name").asText() + "@" + item.path("length").asInt());
        rules.names("/evaluation/tasks", item -> item.path("name").asText());
        return rules.problems;
    }

    private void size(String key, Function<String, OptionalLong> reading) {
        JsonNode value = request.at("/target/" + key);
        if (value.isTextual()) {
            OptionalLong number = reading.apply(value.textValue());
            number.ifPresentOrElse(n -> ((ObjectNode) request.get("target")).put(key, n),
                    () -> problem("/target/" + key, "'" + value.textValue() + "' is not a size from 1 to "
                            + Quantity.MAX));
        }
    }

    /** Writes the longest form, and refuses methods to whose plans no time can be predicted. */
    private void latency() {
        JsonNode value = request.at("/target/latency");
        if (value.isMissingNode()) {
            return;
        }
        Latency latency = Latency.of(value);
        ((ObjectNode) request.get("target")).set("latency", latency.json());
        if (latency.limit() <= 0) {
            problem("/target/latency", "no model takes 0 ms: write more");
        }
        MethodSpec method = new MethodSpec((ObjectNode) request.get("method"));
        if (method.searches()) {
            problem("/target/latency", method.name() + " compares plans of one size, whose times differ: write "
                    + "target.parameters, or choose a method that ranks once");
        }
        if ("channel-wise".equals(method.json().path("mode").asText())) {
            problem("/target/latency",
                    "is met by heads, channels and layers; mode channel-wise narrows the hidden size: "
                            + "write target.parameters, or another method.mode");
        }
    }

    private void range(String pointer) {
        JsonNode value = request.at(pointer);
        if (!value.isMissingNode()) {
            String[] ends = value.textValue().split("\\.\\.");
            if (Integer.parseInt(ends[0]) > Integer.parseInt(ends[1])) {
                problem(pointer, "'" + value.textValue() + "' is empty: the first layer comes after the last");
            }
        }
    }

    private void calibrationText(boolean needed) {
        if (needed && request.at("/calibration/text").isMissingNode()) {
            problem("/calibration/text", "is missing: method " + request.at("/method/name").textValue()
                    + (request.at("/method").has("criterion")
                            ? " with criterion " + request.at("/method/criterion").textValue()
                            : "")
                    + " draws its statistics from text");
        }
    }

    private void layerWise() {
        JsonNode method = request.get("method");
        boolean layerWise = "layer-wise".equals(method.path("mode").asText());
        if (method.has("keepLayers") && !layerWise) {
            problem("/method/keepLayers", "belongs to mode layer-wise; the mode is " + method.path("mode").asText());
        }
        if (layerWise && method.path("iterativeSteps").asInt(1) > 1) {
            problem("/method/iterativeSteps", "makes no sense in mode layer-wise, which ranks nothing: write 1");
        }
    }

    /** For statistics that cannot be spread otherwise, and that no weight around the blocks has a part in. */
    private void layerRanges() {
        JsonNode method = request.get("method");
        if (!method.hasNonNull("layerRanges")) {
            return;
        }
        String pointer = "/method/layerRanges";
        if (method.has("sets")) {
            if (method.path("saliency").asText().equals("magnitude")) {
                problem(pointer, "needs gradients; saliency magnitude is spread over tasks anyway: leave it out");
            } else if (method.path("sets").asInt() > 1) {
                problem(pointer, "is for one calibration set; these " + method.get("sets")
                        + " sets are tasks of their own: leave it out, or write sets: 1");
            }
        } else if (!method.path("mode").asText().equals("block-wise")) {
            problem(pointer, "is for mode block-wise; the mode is " + method.path("mode").asText() + ": leave it out");
        } else if (!RANGED_CRITERIA.contains(method.path("criterion").asText())) {
            problem(pointer, "is for criterion param_first and param_mix; " + method.path("criterion").asText()
                    + " is spread over tasks anyway: leave it out");
        }
    }

    private void batches() {
        JsonNode lora = request.at("/recovery/lora");
        if (lora.path("microBatch").asInt() > lora.path("batch").asInt()) {
            problem("/recovery/lora/microBatch", lora.get("microBatch") + " is larger than batch " + lora.get("batch"));
        }
    }

    private void labels() {
        int count = request.path("labels").size();
        if (count > MOST_LABELS) {
            problem("/labels", "holds " + count + " entries: at most " + MOST_LABELS);
        }
    }

    private void names(String pointer, Function<JsonNode, String> name) {
        Set<String> seen = new HashSet<>();
        JsonNode list = request.at(pointer);
        for (int i = 0; i < list.size(); i++) {
            String key = name.apply(list.get(i));
            if (!seen.add(key)) {
                problem(pointer + "/" + i + "/name",
                        "'" + key + "' stands here twice; the report needs different names");
            }
        }
    }

    private void problem(String pointer, String message) {
        problems.add(new RequestProblem(pointer, message));
    }
}
