package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;

/** What makes the figures comparable with others: one table of the perplexities, one of the tasks. */
final class ProtocolTables {
    private ProtocolTables() {}

    /** Empty where nothing was measured. */
    static String of(JsonNode protocols) {
        if (protocols == null) {
            return "";
        }
        return table("perplexity", protocols.path("perplexity")) + table("task", protocols.path("tasks"));
    }

    private static String table(String what, JsonNode rows) {
        if (rows.isEmpty()) {
            return "";
        }
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.fieldNames().forEachRemaining(columns::add));
        StringBuilder html = new StringBuilder("<table><thead><tr><th>").append(what).append("</th>");
        columns.forEach(column -> html.append("<th>").append(escape(column)).append("</th>"));
        html.append("</tr></thead><tbody>");
        rows.properties().forEach(row -> {
            html.append("<tr><th scope=\"row\">").append(escape(row.getKey())).append("</th>");
            columns.forEach(column -> html.append(cell(column, row.getValue().path(column).asText())));
            html.append("</tr>");
        });
        return html.append("</tbody></table>").toString();
    }

    /** Digests are cut: the whole one stands in report.json. */
    private static String cell(String column, String value) {
        boolean digest = column.endsWith("Digest") && value.length() > 12;
        return "<td>" + (digest
                ? "<span title=\"" + escape(value) + "\">" + escape(value.substring(0, 12)) + "…</span>"
                : escape(value)) + "</td>";
    }
}
