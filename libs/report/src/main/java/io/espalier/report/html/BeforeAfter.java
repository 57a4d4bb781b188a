package io.espalier.report.html;

import io.espalier.report.Comparison;
import io.espalier.report.Figures;
import io.espalier.report.Report;
import io.espalier.report.Report.ModelResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The before/after table, and each figure as a share of the original's. */
final class BeforeAfter {
    private record Figure(String label, Function<ModelResult, Number> of) {}

    private static final List<Figure> FIGURES = List.of(new Figure("parameters", ModelResult::parameters),
            new Figure("weights", ModelResult::bytes), new Figure("MACs at 1x64", ModelResult::macs64),
            new Figure("prefill", m -> m.cost() == null ? null : m.cost().prefillMillis()),
            new Figure("decode per token", m -> m.cost() == null ? null : m.cost().decodeMillisPerToken()));

    private BeforeAfter() {}

    static Section of(Report report) {
        Comparison table = Comparison.of(report);
        return new Section("before-after", "Before and after", table.rows().isEmpty()
                ? ""
                : table(table) + bars(report));
    }

    static String table(Comparison comparison) {
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(comparison.subjects());
        Table table = new Table("Before and after", head);
        comparison.rows().forEach(row -> table.row(row.label(), row.cells()));
        return table.end();
    }

    private static String bars(Report report) {
        ModelResult original = report.models().get("original");
        if (original == null || report.models().size() < 2) {
            return "";
        }
        Bars bars = new Bars("Size and speed as shares of the original's, shorter is better");
        for (Figure figure : FIGURES) {
            Number base = figure.of().apply(original);
            if (base != null && base.doubleValue() > 0) {
                bars.group(figure.label());
                report.models().forEach((subject, model) -> {
                    Number value = figure.of().apply(model);
                    if (value != null && model != original) {
                        double share = value.doubleValue() / base.doubleValue();
                        bars.bar(subject, share, Figures.percent(share));
                    }
                });
            }
        }
        String svg = bars.end(largest(report, original), 1);
        return svg.isEmpty()
                ? ""
                : svg + "<p class=\"note\">Shares of the original's; the line is the original.</p>";
    }

    /** So that the line of the original is always there. */
    private static double largest(Report report, ModelResult original) {
        double largest = 1;
        for (Figure figure : FIGURES) {
            Number base = figure.of().apply(original);
            for (ModelResult model : report.models().values()) {
                Number value = figure.of().apply(model);
                if (base != null && value != null && base.doubleValue() > 0) {
                    largest = Math.max(largest, value.doubleValue() / base.doubleValue());
                }
            }
        }
        return Math.min(largest, 2);
    }
}
