package io.espalier.report.html;

import io.espalier.report.Comparison;
import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Several reports side by side: what was asked differently, results in one table, a Pareto plot for each perplexity
 * protocol, and the layers of each.
 */
public final class Compared {
    private static final char NO_BREAK = '\u00a0';

    private Compared() {}

    public static String of(List<Report> reports) {
        StringBuilder body = new StringBuilder("<h1>Comparison</h1><p class=\"lead\">").append(reports.size())
                .append(" jobs</p>");
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("results", "Results", results(reports)));
        for (String protocol : protocols(reports)) {
            sections.add(new Section("pareto-" + protocol.replaceAll("[^A-Za-z0-9]+", "-"),
                    "Parameters against perplexity " + protocol, Pareto.draw(reports, protocol)));
        }
        sections.add(new Section("requests", "What was asked differently", requests(reports)));
        for (int i = 0; i < reports.size(); i++) {
            sections.add(new Section("kept-" + (i + 1), "What " + HtmlReport.name(reports.get(i)) + " keeps", LayerMap
                    .of(reports.get(i)).html()));
        }
        sections.stream().filter(section -> !section.isEmpty()).forEach(section -> body.append(section.markup()));
        return Page.of("Comparison", body);
    }

    private static TreeSet<String> protocols(List<Report> reports) {
        TreeSet<String> protocols = new TreeSet<>();
        reports.forEach(r -> r.models().values().forEach(m -> protocols.addAll(m.perplexity().keySet())));
        return protocols;
    }

    private static String requests(List<Report> reports) {
        Table table = new Table("Keys whose values differ", head("key", reports));
        Difference.of(reports.stream().map(Report::request).toList()).forEach((pointer, values) -> table.row(pointer,
                values));
        String rows = table.end();
        return rows.isEmpty() ? "<p>Nothing: the requests are the same.</p>" : rows;
    }

    /** The original's column once, then the result of each job. */
    private static String results(List<Report> reports) {
        Comparison comparison = Comparison.ofResults(reports);
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(comparison.subjects());
        Table table = new Table("Results", head);
        comparison.rows()
                .forEach(row -> table.row(row.label(), row.cells().stream().map(Compared::inTwoLines).toList()));
        table.row("busy time of workers", prepended(reports.stream().map(report -> Figures.seconds(report.stages()
                .stream().mapToDouble(Report.StageResult::busySeconds).sum())).toList()));
        return table.end()
                + "<p class=\"note\">Changes are against each job's own original, as its own workers measured it;"
                + " the column shows the first job's.</p>";
    }

    /** Where it is too long, {@code 829 kB (-20.3 %)} breaks before the change and nowhere else. */
    private static String inTwoLines(String cell) {
        return cell.replace(' ', NO_BREAK).replace(NO_BREAK + "(", " (");
    }

    private static List<String> head(String first, List<Report> reports) {
        List<String> head = new ArrayList<>(List.of(first));
        reports.forEach(report -> head.add(HtmlReport.name(report)));
        return head;
    }

    private static List<String> prepended(List<String> cells) {
        List<String> all = new ArrayList<>(List.of(""));
        all.addAll(cells);
        return all;
    }
}
