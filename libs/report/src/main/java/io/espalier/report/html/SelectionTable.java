package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import io.espalier.report.Figures;
import io.espalier.report.Report;

/** The plans that were compared, and whether a short recovery changed which is the best. */
final class SelectionTable {
    private SelectionTable() {}

    static Section of(Report report) {
        return new Section("selection", "Selection", table(report.plan()));
    }

    /** Empty where there was one plan only. */
    private static String table(Report.Plan plan) {
        if (plan == null || plan.selection() == null) {
            return "";
        }
        Report.Selection selection = plan.selection();
        StringBuilder html = new StringBuilder("<p>").append(selection.flipped()
                ? "The order changed with recovery."
                : "The order before recovery was the order after it.").append("</p><table><thead><tr>"
                        + "<th>candidate</th><th>differs in</th><th>parameters</th><th>perplexity ")
                .append(escape(
                        selection.protocol()))
                .append(" pruned</th><th>rank</th><th>after ").append(selection.recoverSteps()).append(
                        " steps</th><th>rank</th></tr></thead><tbody>");
        for (int i = 0; i < selection.candidates().size(); i++) {
            Report.Candidate candidate = selection.candidates().get(i);
            html.append("<tr><th scope=\"row\">").append(i).append(i == selection.chosen() ? " (chosen)" : "").append(
                    "</th><td>").append(
                            candidate.differs().isEmpty()
                                    ? "as asked"
                                    : escape(candidate.differs()
                                            .toString()))
                    .append("</td><td>").append(Figures.count(candidate.parameters()))
                    .append("</td><td>").append(Figures.significant(candidate.before())).append("</td><td>").append(
                            selection.orderBefore().indexOf(i) + 1)
                    .append("</td><td>").append(Figures
                            .significant(candidate.after()))
                    .append("</td><td>").append(selection.orderAfter().indexOf(i)
                            + 1)
                    .append("</td></tr>");
        }
        return html.append("</tbody></table>").toString();
    }
}
