package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import io.espalier.report.Differences;
import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.List;

/** The plans that were compared, and whether a short recovery changed which is the best. */
final class SelectionTable {
    private SelectionTable() {}

    static Section of(Report report) {
        return new Section("selection", "Selection", table(report));
    }

    /** Empty where there was one plan only. */
    private static String table(Report report) {
        if (report.plan() == null || report.plan().selection() == null) {
            return "";
        }
        Report.Selection selection = report.plan().selection();
        StringBuilder html = new StringBuilder("<p>");
        html.append(selection.flipped()
                ? "The order changed with recovery."
                : "The order before recovery was the order after it.");
        html.append("</p><table><thead><tr><th>candidate</th><th>parameters</th><th>perplexity ")
                .append(escape(selection.protocol())).append(" pruned</th><th>rank</th><th>after ")
                .append(selection.recoverSteps())
                .append(" steps</th><th>rank</th><th>differs in</th></tr></thead><tbody>");
        for (int i = 0; i < selection.candidates().size(); i++) {
            Report.Candidate candidate = selection.candidates().get(i);
            html.append("<tr><th scope=\"row\">").append(i).append(i == selection.chosen() ? " (chosen)" : "")
                    .append("</th>");
            cell(html, Figures.count(candidate.parameters()));
            cell(html, Figures.significant(candidate.before()));
            cell(html, Integer.toString(selection.orderBefore().indexOf(i) + 1));
            cell(html, Figures.significant(candidate.after()));
            cell(html, Integer.toString(selection.orderAfter().indexOf(i) + 1));
            List<String> differs = Differences.between(report.request(), candidate.differs());
            cell(html, differs.isEmpty() ? "as asked" : String.join(", ", differs));
            html.append("</tr>");
        }
        return html.append("</tbody></table>").toString();
    }

    private static void cell(StringBuilder html, String text) {
        html.append("<td>").append(escape(text)).append("</td>");
    }
}
