package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * A request as the user wrote it: parsed, not yet checked.
 *
 * @param root  the request
 * @param lines line of each value by its JSON pointer; empty where the text gave none
 */
public record RequestDocument(ObjectNode root, Map<String, Integer> lines) {
    public RequestDocument {
        lines = Map.copyOf(lines);
    }

    /** Adds line numbers: that of the key itself or, where it is missing, of the nearest object around it. */
    List<RequestProblem> locate(List<RequestProblem> problems) {
        return problems.stream().map(p -> new RequestProblem(p.pointer(), p.message(), line(p.pointer()))).toList();
    }

    private int line(String pointer) {
        for (String at = pointer; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
            Integer line = lines.get(at);
            if (line != null) {
                return line;
            }
        }
        return lines.getOrDefault("", 0);
    }
}
