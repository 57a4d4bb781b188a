package io.espalier.cli.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.topic.Json;
import io.espalier.report.Comparison;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reports as tables. */
public final class ReportView {
    private ReportView() {}

    public static Report parse(JsonNode json) {
        try {
            return Json.events().treeToValue(json, Report.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a report: " + e.getOriginalMessage(), e);
        }
    }

    /** The before/after table of one job. */
    public static String beforeAfter(Report report) {
        Comparison comparison = Comparison.of(report);
        TextTable table = TextTable.ofFigures(prepend("", comparison.subjects()));
        comparison.rows().forEach(row -> table.row(prepend(row.label(), row.cells())));
        String note = report.recovery() != null && !report.recovery().accepted()
                ? "recovery made validation worse: the pruned model without it is the result\n"
                : "";
        return table + note;
    }

    /** Results of several jobs side by side; the original is that of the first. */
    public static String sideBySide(List<Report> reports) {
        List<String> head = new ArrayList<>(List.of("", "original"));
        Map<String, List<String>> rows = new LinkedHashMap<>();
        rows.put("method", new ArrayList<>(List.of("")));
        rows.put("target", new ArrayList<>(List.of("")));
        for (int i = 0; i < reports.size(); i++) {
            Report report = reports.get(i);
            head.add(report.job().name() == null ? report.job().id() : report.job().name());
            rows.get("method").add(method(report.request()));
            rows.get("target").add(target(report.request()));
            addFigures(rows, report, i);
        }
        TextTable table = TextTable.ofFigures(head);
        rows.forEach((label, cells) -> table.row(prepend(label, padded(cells, reports.size() + 1))));
        return table.toString();
    }

    private static void addFigures(Map<String, List<String>> rows, Report report, int column) {
        Comparison comparison = Comparison.of(report);
        int result = comparison.subjects().indexOf(result(report));
        for (Comparison.Row row : comparison.rows()) {
            List<String> cells = rows.computeIfAbsent(row.label(), label -> new ArrayList<>());
            if (column == 0 && comparison.subjects().indexOf("original") == 0) {
                cells.add(row.cells().getFirst());
            }
            while (cells.size() <= column) {
                cells.add("");
            }
            cells.add(result < 0 ? "" : row.cells().get(result));
        }
    }

    private static String result(Report report) {
        boolean recovered = report.recovery() != null && report.recovery().accepted();
        return recovered && report.models().containsKey("recovered") ? "recovered" : "pruned";
    }

    private static String method(JsonNode request) {
        JsonNode method = request.path("method");
        return method.path("name").asText() + (method.has("criterion") ? " " + method.get("criterion").asText() : "");
    }

    private static String target(JsonNode request) {
        List<String> parts = new ArrayList<>();
        request.path("target").properties().forEach(e -> parts.add(e.getKey() + " " + e.getValue().asText()));
        return String.join(", ", parts);
    }

    private static List<String> padded(List<String> cells, int size) {
        List<String> all = new ArrayList<>(cells);
        while (all.size() < size) {
            all.add("");
        }
        return all;
    }

    private static List<String> prepend(String first, List<String> rest) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(rest);
        return all;
    }
}
