package io.espalier.report.html;

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
        Table table = new Table("Candidates", List.of("candidate", "parameters", "perplexity " + selection.protocol()
                + " pruned", "rank", "after " + selection.recoverSteps() + " steps", "rank", "differs in"));
        for (int i = 0; i < selection.candidates().size(); i++) {
            Report.Candidate candidate = selection.candidates().get(i);
            List<String> differs = Differences.between(report.request(), candidate.differs());
            table.row(i + (i == selection.chosen() ? " (chosen)" : ""), List.of(Figures.count(candidate.parameters()),
                    Figures.significant(candidate.before()), Integer.toString(selection.orderBefore().indexOf(i) + 1),
                    Figures.significant(candidate.after()), Integer.toString(selection.orderAfter().indexOf(i) + 1),
                    differs.isEmpty() ? "as asked" : String.join(", ", differs)));
        }
        String order = selection.flipped()
                ? "The order changed with recovery."
                : "The order before recovery was the order after it.";
        return "<p>" + order + "</p>" + table.end();
    }
}
