package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.List;
import java.util.TreeSet;

/** Several reports side by side: one table over methods and targets, and a Pareto plot for each perplexity protocol. */
public final class Compared {
    private Compared() {}

    public static String of(List<Report> reports) {
        TreeSet<String> protocols = new TreeSet<>();
        reports.forEach(r -> r.models().values().forEach(m -> protocols.addAll(m.perplexity().keySet())));
        StringBuilder body = new StringBuilder("<h1>Comparison</h1><p class=\"lead\">").append(reports.size())
                .append(" jobs, same evaluation</p>");
        HtmlReport.section(body, "Table", table(reports, protocols));
        for (String protocol : protocols) {
            HtmlReport.section(body, "Parameters against perplexity " + protocol, Charts.pareto(reports, protocol));
        }
        return HtmlReport.page("Comparison", body);
    }

    private static String table(List<Report> reports, TreeSet<String> protocols) {
        StringBuilder html = new StringBuilder("<table><thead><tr><th>job</th><th>method</th><th>model</th>"
                + "<th>parameters</th><th>share</th>");
        protocols.forEach(p -> html.append("<th>perplexity ").append(escape(p)).append("</th>"));
        html.append("<th>time</th><th>peak memory of workers</th></tr></thead><tbody>");
        for (Report report : reports) {
            Report.ModelResult original = report.models().get("original");
            for (String subject : report.subjects()) {
                row(html, report, subject, original, protocols);
            }
        }
        return html.append("</tbody></table>").toString();
    }

    private static void row(StringBuilder html, Report report, String subject, Report.ModelResult original,
            TreeSet<String> protocols) {
        Report.ModelResult model = report.models().get(subject);
        boolean known = model.parameters() != null && original != null && original.parameters() != null;
        html.append("<tr><th scope=\"row\">").append(escape(label(report))).append("</th><td>")
                .append(escape(report.request().path("method").path("name").asText())).append("</td><td>")
                .append(escape(subject)).append("</td><td>")
                .append(model.parameters() == null ? "" : Figures.count(model.parameters())).append("</td><td>")
                .append(known ? Figures.percent((double) model.parameters() / original.parameters()) : "")
                .append("</td>");
        for (String protocol : protocols) {
            Double value = model.perplexity().get(protocol);
            html.append("<td>").append(value == null ? "" : Figures.significant(value)).append("</td>");
        }
        double seconds = report.stages().stream().mapToDouble(Report.StageResult::busySeconds).sum();
        long peak = report.stages().stream().filter(s -> s.peakMemoryBytes() != null)
                .mapToLong(Report.StageResult::peakMemoryBytes).max().orElse(0);
        html.append("<td>").append(Figures.seconds(seconds)).append("</td><td>")
                .append(peak == 0 ? "" : Figures.bytes(peak)).append("</td></tr>");
    }

    static String label(Report report) {
        return report.job().name() == null ? report.job().id() : report.job().name();
    }
}
