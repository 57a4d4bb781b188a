package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Takes out what says nothing (nulls) and refuses what no JSON number can say (infinity). */
final class Normal {
    private final List<RequestProblem> problems = new ArrayList<>();

    private Normal() {}

    static ObjectNode of(ObjectNode request) {
        ObjectNode copy = request.deepCopy();
        Normal normal = new Normal();
        normal.walk(copy, "");
        if (!normal.problems.isEmpty()) {
            throw new InvalidRequestException(normal.problems);
        }
        return copy;
    }

    private void walk(JsonNode node, String pointer) {
        if (node instanceof ObjectNode object) {
            for (Iterator<JsonNode> values = object.elements(); values.hasNext();) {
                if (values.next().isNull()) {
                    values.remove();
                }
            }
            object.properties().forEach(e -> walk(e.getValue(), Pointers.child(pointer, e.getKey())));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                walk(node.get(i), pointer + "/" + i);
            }
        } else if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            problems.add(new RequestProblem(pointer, "is not a finite number"));
        }
    }
}
