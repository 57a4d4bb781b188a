package io.espalier.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where several JSON documents differ: leaf by leaf. */
final class Difference {
    private Difference() {}

    /** By JSON pointer the value in each document, empty where it has none. */
    static Map<String, List<String>> of(List<JsonNode> documents) {
        Map<String, List<String>> leaves = new TreeMap<>();
        for (int i = 0; i < documents.size(); i++) {
            collect("", documents.get(i), i, documents.size(), leaves);
        }
        leaves.values().removeIf(values -> values.stream().distinct().count() == 1);
        return leaves;
    }

    private static void collect(String pointer, JsonNode node, int column, int columns,
            Map<String, List<String>> leaves) {
        if (node.isObject()) {
            node.properties().forEach(entry -> collect(pointer + "/" + entry.getKey(), entry.getValue(), column,
                    columns, leaves));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(pointer + "/" + i, node.get(i), column, columns, leaves);
            }
        } else {
            leaves.computeIfAbsent(pointer, _ -> new ArrayList<>(java.util.Collections.nCopies(columns, "")))
                    .set(column, node.isNull() ? "" : node.asText());
        }
    }
}
