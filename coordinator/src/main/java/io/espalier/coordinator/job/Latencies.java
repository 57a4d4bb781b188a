package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.Subject;
import java.util.Map;

/** {@code plan.latency} of report.json: what RANK predicted for a target in time, and what EVALUATE measured. */
final class Latencies {
    private Latencies() {}

    /** @param models figures as far as they are measured */
    static ObjectNode of(JsonNode predicted, Map<Subject, ObjectNode> models) {
        ObjectNode latency = predicted.deepCopy();
        boolean prefill = latency.path("phase").asText().equals("prefill");
        String key = prefill ? "prefillMillis" : "decodeMillisPerToken";
        JsonNode before = cost(models, Subject.ORIGINAL);
        JsonNode after = cost(models, Subject.PRUNED);
        if (before.hasNonNull(key) && after.hasNonNull(key)) {
            double original = before.get(key).asDouble();
            double millis = after.get(key).asDouble();
            double share = millis / original;
            boolean met = latency.path("relative").asBoolean()
                    ? share <= latency.path("targetShare").asDouble()
                    : millis <= latency.path("targetMillis").asDouble();
            latency.putObject("reached").put("originalMillis", original).put("millis", millis).put("share", share)
                    .put("met", met).set("quartiles", after.get(prefill ? "prefillQuartiles" : "decodeQuartiles"));
        }
        return latency;
    }

    private static JsonNode cost(Map<Subject, ObjectNode> models, Subject subject) {
        ObjectNode model = models.get(subject);
        return model == null ? MissingNode.getInstance() : model.path("cost");
    }
}
