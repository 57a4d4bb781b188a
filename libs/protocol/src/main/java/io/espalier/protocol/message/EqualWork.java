package io.espalier.protocol.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.topic.Json;
import java.util.List;
import java.util.Optional;

/**
 * Work reduced to what determines its result, so that it can be told whether two tasks, of whatever jobs, do the same: of
 * a request only what the kind of work reads counts. Places still stand in it as they were written; who wants contents
 * to count puts them there.
 */
public final class EqualWork {
    /** Keys of a request without influence on any result. */
    private static final List<String> WITHOUT_INFLUENCE = List.of("name", "labels", "priority", "cache");
    /** Comes after a plan. */
    private static final List<String> AFTER_THE_PLAN = List.of("recovery", "evaluation");
    /** Candidates are plans: what led to them stands in them, and they are held to no format. */
    private static final List<String> BESIDE_THE_CANDIDATES = List.of("recovery", "evaluation", "calibration", "target",
            "layers", "shape", "output");

    private EqualWork() {}

    /**
     * Empty for work whose result no other may take: it writes outside the store, measures this machine now, or begins
     * from a model that nobody has read yet.
     */
    public static Optional<ObjectNode> of(Work work) {
        return switch (work) {
            case Work.Export _,Work.Cost _,Work.Prepare _ -> Optional.empty();
            case Work other -> {
                ObjectNode json = Json.events().valueToTree(other);
                if (json.get("request") instanceof ObjectNode request) {
                    reduce(request, other);
                }
                yield isKnown(json) ? Optional.of(json) : Optional.empty();
            }
        };
    }

    private static void reduce(ObjectNode request, Work work) {
        request.remove(WITHOUT_INFLUENCE);
        request.remove("model"); // the path that the user wrote; the work names the model by digest
        request.remove(notReadBy(work));
        if (request.get("output") instanceof ObjectNode output) {
            output.remove("location"); // the formats count: a plan that they cannot hold is refused
        }
    }

    private static List<String> notReadBy(Work work) {
        return switch (work) {
            case Work.Rank _,Work.Propose _ -> AFTER_THE_PLAN;
            case Work.Measure _ -> BESIDE_THE_CANDIDATES;
            default -> List.of();
        };
    }

    /** Whether every folder in it has a digest. */
    private static boolean isKnown(JsonNode node) {
        if (node.path("type").asText().equals("folder") && node.has("location")) {
            return node.hasNonNull("digest");
        }
        for (JsonNode child : node) {
            if (!isKnown(child)) {
                return false;
            }
        }
        return true;
    }
}
