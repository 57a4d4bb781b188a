package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.List;
import java.util.Locale;

/** What the model folder holds, and how near each format computes to the model. */
final class ExportTable {
    private static final List<String> HEAD = List.of("format", "size", "files", "largest difference of a logit",
            "same first choice", "");

    private ExportTable() {}

    static Section of(Report report) {
        return new Section("exports", "Written and read back", report.exports() == null ? "" : table(report.exports()));
    }

    private static String table(List<Report.Export> exports) {
        Table table = new Table("Formats written and read back", HEAD);
        for (Report.Export export : exports) {
            Report.LoadCheck check = export.loadCheck();
            table.row(export.format(), List.of(Figures.bytes(export.bytes()), Figures.count(export.files().size()),
                    String.format(Locale.ROOT, "%.1e", check.maxAbsLogitDifference()),
                    Figures.percent(check.top1Agreement()), export.note() == null ? "" : export.note()));
        }
        return table.end()
                + "<p>Every format was read back and run on the same tokens as the model it was made of.</p>";
    }
}
