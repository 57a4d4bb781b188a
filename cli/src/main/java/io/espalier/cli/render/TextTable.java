package io.espalier.cli.render;

import java.util.ArrayList;
import java.util.List;

/** Rows in aligned columns: the first to the left, the others to the right unless told otherwise. */
public final class TextTable {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final boolean numbers;

    private TextTable(boolean numbers) {
        this.numbers = numbers;
    }

    /** Columns after the first hold figures. */
    public static TextTable ofFigures(List<String> head) {
        return new TextTable(true).row(head);
    }

    /** All columns hold words. */
    public static TextTable ofWords(List<String> head) {
        return new TextTable(false).row(head);
    }

    public TextTable row(List<String> cells) {
        rows.add(List.copyOf(cells));
        return this;
    }

    /** Lines without trailing blanks, each ended. */
    @Override
    public String toString() {
        int[] widths = widths();
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String padding = " ".repeat(widths[i] - length(row.get(i)));
                boolean right = numbers && i > 0;
                line.append(i == 0 ? "" : GAP).append(right ? padding : "").append(row.get(i))
                        .append(right ? "" : padding);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[rows.stream().mapToInt(List::size).max().orElse(0)];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], length(row.get(i)));
            }
        }
        return widths;
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
