package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.List;
import java.util.Locale;

/** What the model folder holds and how near each format computes to the model. */
final class ExportTable {
    private ExportTable() {}

    static String of(List<Report.Export> exports) {
        if (exports == null || exports.isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder("<table><thead><tr><th>format</th><th>size</th><th>files</th>"
                + "<th>largest difference of a logit</th><th>same first choice</th><th>note</th></tr></thead><tbody>");
        for (Report.Export export : exports) {
            Report.LoadCheck check = export.loadCheck();
            html.append("<tr><th scope=\"row\">").append(escape(export.format())).append("</th><td>")
                    .append(Figures.bytes(export.bytes())).append("</td><td>").append(export.files().size())
                    .append("</td><td>").append(String.format(Locale.ROOT, "%.1e", check.maxAbsLogitDifference()))
                    .append("</td><td>").append(Figures.percent(check.top1Agreement())).append("</td><td>")
                    .append(export.note() == null ? "" : escape(export.note())).append("</td></tr>");
        }
        return html.append("</tbody></table><p>Every format was read back and run on the same tokens as the model "
                + "it was made of.</p>").toString();
    }
}
