package io.espalier.bench.result;

import io.espalier.cli.render.TextTable;
import io.espalier.report.Figures;
import java.util.List;

/** A run for people: each figure with its limit and the share of it that is reached. */
public final class ResultTable {
    private ResultTable() {}

    public static String of(Results.Run run) {
        TextTable table = TextTable.ofWords(List.of(run.benchmark(), "value", "limit", "reached"));
        run.figures().forEach(figure -> table
                .row(List.of(figure.name(), value(figure.value(), figure.unit()), limit(figure), reached(figure))));
        StringBuilder text = new StringBuilder(table.toString());
        run.figures().stream().filter(figure -> figure.note() != null)
                .forEach(figure -> text.append("  ").append(figure.name()).append(": ").append(figure.note())
                        .append('\n'));
        run.notes().forEach(note -> text.append("  ").append(note).append('\n'));
        return text.toString();
    }

    /** {@code 312 tokens/s}, {@code 1.9x}. */
    public static String value(double value, String unit) {
        if (unit.equals("s") && value >= 60) {
            return Figures.seconds(value);
        }
        boolean large = Math.abs(value) >= 1_000_000;
        String number = large ? Figures.scaled(value).strip() : Figures.significant(value);
        return unit.equals("x") ? number + "x" : large ? number + unit : number + " " + unit;
    }

    /** {@code 376 tokens/s (its GEMMs alone)}; empty where there is none. */
    public static String limit(Figure figure) {
        return figure.limit() == null
                ? ""
                : value(figure.limit().value(), figure.unit()) + " (" + figure.limit().name() + ")";
    }

    /** {@code 83.0 %}. */
    public static String reached(Figure figure) {
        return figure.limit() == null ? "" : Figures.percent(figure.share());
    }
}
