package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes several requests of one. An entry is laid over the base as a JSON merge patch (RFC 7396), except that a
 * {@code target}, and a {@code method} of another name, replace the base's whole. Jobs that would share a name or a
 * result folder get the entry's number behind it.
 */
final class Sweep {
    /** One request of a sweep; {@code entry} is null where the request holds no sweep. */
    record Variant(ObjectNode request, ObjectNode entry, int index) {
        /** Where the user wrote the key at this pointer. */
        String origin(String pointer) {
            boolean inEntry = entry != null && !entry.at(firstKey(pointer)).isMissingNode();
            return inEntry ? "/sweep/" + index + pointer : pointer;
        }

        private static String firstKey(String pointer) {
            int second = pointer.indexOf('/', 1);
            return second < 0 ? pointer : pointer.substring(0, second);
        }
    }

    private static final String DEFAULT_LOCATION = "out";

    private Sweep() {}

    static List<Variant> expand(ObjectNode request) {
        JsonNode entries = request.path("sweep");
        if (entries.isMissingNode() || entries.isNull()) {
            return List.of(new Variant(request, null, 0));
        }
        ObjectNode base = request.deepCopy();
        base.remove("sweep");
        List<Variant> variants = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            ObjectNode entry = (ObjectNode) entries.get(i);
            variants.add(new Variant(lay(base, entry, i + 1), entry, i));
        }
        return variants;
    }

    private static ObjectNode lay(ObjectNode base, ObjectNode entry, int number) {
        ObjectNode merged = overlay(base, entry);
        if (!entry.has("name") && base.path("name").isTextual()) {
            merged.put("name", base.get("name").textValue() + "-" + number);
        }
        if (entry.at("/output/location").isMissingNode() && outputIsObject(merged)) {
            String location = base.at("/output/location").asText(DEFAULT_LOCATION);
            merged.withObjectProperty("output").put("location", location + "/" + number);
        }
        return merged;
    }

    /** A target, and a method of another name, replace what stands below; other objects merge key by key. */
    static ObjectNode overlay(ObjectNode base, ObjectNode entry) {
        ObjectNode merged = base.deepCopy();
        if (entry.has("target") || otherMethod(base, entry)) {
            merged.remove(entry.has("target") ? List.of("target") : List.of());
            merged.remove(otherMethod(base, entry) ? List.of("method") : List.of());
        }
        merge(merged, entry);
        return merged;
    }

    private static boolean outputIsObject(ObjectNode request) {
        return request.path("output").isMissingNode() || request.get("output").isObject();
    }

    private static boolean otherMethod(ObjectNode base, ObjectNode entry) {
        JsonNode name = entry.at("/method/name");
        return !name.isMissingNode() && !name.equals(base.at("/method/name"));
    }

    private static void merge(ObjectNode into, ObjectNode patch) {
        for (var entry : patch.properties()) {
            if (entry.getValue().isNull()) {
                into.remove(entry.getKey());
            } else if (entry.getValue() instanceof ObjectNode child
                    && into.get(entry.getKey()) instanceof ObjectNode existing) {
                merge(existing, child);
            } else {
                into.set(entry.getKey(), entry.getValue().deepCopy());
            }
        }
    }
}
