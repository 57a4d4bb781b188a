package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.List;

/** report.html: the report for people; one file without scripts or addresses, light and dark, printable. */
public final class HtmlReport {
    private HtmlReport() {}

    public static String of(Report report) {
        List<Section> sections = Sections.of(report);
        StringBuilder body = new StringBuilder();
        body.append("<h1>").append(escape(name(report))).append("</h1><p class=\"lead\">").append(lead(report))
                .append("</p>");
        if (report.error() != null) {
            String stage = report.error().stage() == null ? "" : report.error().stage() + ": ";
            body.append("<p class=\"error\">").append(escape(stage + report.error().message())).append("</p>");
        }
        body.append("<nav aria-label=\"Contents\"><ul>");
        sections.forEach(section -> body.append("<li><a href=\"#").append(section.id()).append("\">")
                .append(escape(section.title())).append("</a></li>"));
        body.append("</ul></nav>");
        sections.forEach(section -> body.append(section.markup()));
        return Page.of(name(report), body);
    }

    static String name(Report report) {
        return report.job().name() == null ? report.job().id() : report.job().name();
    }

    private static String lead(Report report) {
        StringBuilder text = new StringBuilder(escape(report.job().state()));
        text.append(" · ").append(escape(report.request().path("method").path("name").asText()));
        if (report.plan() != null && report.plan().achieved() != null) {
            text.append(" · ").append(Figures.count(report.plan().achieved().parameters()))
                    .append(" parameters kept, ").append(Figures.percent(report.plan().achieved().share()));
            if (report.plan().predicted() != null) {
                text.append(" (predicted ").append(Figures.count(report.plan().predicted().parameters())).append(')');
            }
        }
        if (report.job().finishedAt() != null) {
            text.append(" · ").append(escape(Figures.moment(report.job().finishedAt())));
        }
        return text.append(" · job ").append(escape(report.job().id())).toString();
    }
}
