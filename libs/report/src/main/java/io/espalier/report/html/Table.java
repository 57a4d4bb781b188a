package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import java.util.List;

/** A table whose first column names its rows; cells are escaped. */
final class Table {
    private final StringBuilder html = new StringBuilder("<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
    private boolean empty = true;

    /** @param label for screen readers; {@code head} starts with the first column's, which may be empty */
    Table(String label, List<String> head) {
        html.append(" aria-label=\"").append(escape(label)).append("\"><table>");
        if (!head.isEmpty()) {
            html.append("<thead><tr>");
            head.forEach(cell -> html.append(cell.isEmpty()
                    ? "<td></td>"
                    : "<th scope=\"col\">" + escape(cell) + "</th>"));
            html.append("</tr></thead>");
        }
        html.append("<tbody>");
    }

    Table row(String name, List<String> cells) {
        empty = false;
        html.append("<tr><th scope=\"row\">").append(escape(name)).append("</th>");
        cells.forEach(cell -> html.append("<td>").append(escape(cell)).append("</td>"));
        html.append("</tr>");
        return this;
    }

    /** Empty without rows. */
    String end() {
        return empty ? "" : html.append("</tbody></table></div>").toString();
    }
}
