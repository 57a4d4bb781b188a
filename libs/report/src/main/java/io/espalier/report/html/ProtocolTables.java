package io.espalier.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What makes the figures comparable with others: one table of the perplexities, one of the tasks. */
final class ProtocolTables {
    private static final int DIGEST_SHOWN = 12;

    private ProtocolTables() {}

    static Section of(Report report) {
        JsonNode protocols = report.protocols();
        return new Section("protocols", "Protocols", protocols == null
                ? ""
                : table("perplexity", protocols.path("perplexity")) + table("task", protocols.path("tasks")));
    }

    private static String table(String what, JsonNode rows) {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.fieldNames().forEachRemaining(columns::add));
        List<String> head = new ArrayList<>(List.of(what));
        head.addAll(columns);
        Table table = new Table("Protocols, " + what, head);
        rows.properties().forEach(row -> table.row(row.getKey(), columns.stream().map(column -> cell(column, row
                .getValue().path(column).asText())).toList()));
        return table.end();
    }

    /** Digests are cut: the whole one stands in report.json. */
    private static String cell(String column, String value) {
        boolean digest = column.endsWith("Digest") && value.length() > DIGEST_SHOWN;
        return digest ? value.substring(0, DIGEST_SHOWN) + "…" : value;
    }
}
