package io.espalier.cli.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.topic.Json;
import io.espalier.report.Comparison;
import io.espalier.report.Differences;
import io.espalier.report.Leaves;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.List;

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
        return table + selection(report) + latency(report) + note;
    }

    /** How a target in time was met; empty for other targets. */
    private static String latency(Report report) {
        return report.plan() == null || report.plan().latency() == null
                ? ""
                : report.plan().latency().sentence() + "\n";
    }

    /** Which of several plans this is; empty where there was one. */
    private static String selection(Report report) {
        Report.Selection selection = report.plan() == null ? null : report.plan().selection();
        if (selection == null) {
            return "";
        }
        List<String> differs = Differences.between(report.request(), selection.candidates().get(selection.chosen())
                .differs());
        return "candidate " + selection.chosen() + " of 0 to " + (selection.candidates().size() - 1) + " went on ("
                + (differs.isEmpty() ? "as asked" : String.join(", ", differs)) + ")"
                + (selection.flipped() ? "; the short recovery changed their order\n" : "\n");
    }

    /** Results of several jobs side by side; the original is that of the first. */
    public static String sideBySide(List<Report> reports) {
        Comparison comparison = Comparison.ofResults(reports);
        TextTable table = TextTable.ofFigures(prepend("", comparison.subjects()));
        table.row(prepend("method", prepend("", reports.stream().map(r -> method(r.request())).toList())));
        table.row(prepend("target", prepend("", reports.stream().map(r -> target(r.request())).toList())));
        comparison.rows().forEach(row -> table.row(prepend(row.label(), row.cells())));
        return table.toString();
    }

    private static String method(JsonNode request) {
        JsonNode method = request.path("method");
        return method.path("name").asText() + (method.has("criterion") ? " " + method.get("criterion").asText() : "");
    }

    private static String target(JsonNode request) {
        return String.join(", ", Leaves.told(request.path("target")));
    }

    private static List<String> prepend(String first, List<String> rest) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(rest);
        return all;
    }
}
