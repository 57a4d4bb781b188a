package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import io.espalier.report.Figures;
import io.espalier.report.LatencyOutcome;
import io.espalier.report.Report;
import java.util.List;
import java.util.Locale;

/** What a target in time was predicted from, and what came of it. */
final class LatencySection {
    private static final List<String> HEAD = List.of("variant", "layers", "KV groups", "channels", "measured",
            "half of the runs", "fitted", "error");

    private LatencySection() {}

    static Section of(Report report) {
        LatencyOutcome latency = report.plan() == null ? null : report.plan().latency();
        return new Section("latency", "Latency", latency == null ? "" : html(latency));
    }

    private static String html(LatencyOutcome latency) {
        LatencyOutcome.Model model = latency.model();
        return outcome(latency) + variants(latency) + "<p>" + escape(String.format(
                Locale.ROOT,
                "Fitted: %s ms, %s ms for each layer, %s ms for each KV group and %s ms for each channel, on %s with %d "
                        + "threads, prompt of %d tokens, medians of %d runs in turns.",
                digits(model.base()), digits(model.layer()), digits(model.kvGroup()), digits(model.channel()), latency
                        .device(),
                latency.threads(), latency.promptTokens(), latency.rounds())) + "</p>";
    }

    private static String outcome(LatencyOutcome latency) {
        Table table = new Table("Target, prediction and measurement", List.of(latency.phase(), "time",
                "of the original's", "half of the runs", ""));
        table.row("original, fitted", List.of(millis(latency.originalMillis()), "", "", ""));
        table.row("target", List.of(millis(latency.targetMillis()), Figures.percent(latency.targetShare()), "",
                ""));
        table.row("predicted", List.of(millis(latency.predictedMillis()), Figures.percent(latency.predictedShare()), "",
                ""));
        LatencyOutcome.Reached reached = latency.reached();
        if (reached == null) {
            return table.row("reached", List.of("not measured yet", "", "", "")).end();
        }
        return table.row("original, measured", List.of(millis(reached.originalMillis()), "", "", ""))
                .row("reached", List.of(millis(reached.millis()), Figures.percent(reached.share()),
                        reached.quartiles() == null ? "" : range(reached.quartiles()),
                        reached.met() ? "within the target" : "more than the target"))
                .end();
    }

    private static String range(List<Double> quartiles) {
        return millis(quartiles.getFirst()) + " to " + millis(quartiles.getLast());
    }

    private static String variants(LatencyOutcome latency) {
        Table table = new Table("Timed variants of the model", HEAD);
        for (int i = 0; i < latency.variants().size(); i++) {
            LatencyOutcome.Variant variant = latency.variants().get(i);
            table.row(Integer.toString(i + 1), List.of(Figures.count(variant.layers()), Figures.count(Math.round(variant
                    .kvGroups())), Figures.count(Math.round(variant.channels())), millis(variant.millis()),
                    range(variant
                            .quartiles()),
                    millis(variant.fittedMillis()), Figures.change(variant.millis(), variant.fittedMillis())));
        }
        return table.end();
    }

    private static String millis(double value) {
        return Figures.significant(value) + " ms";
    }

    /** Terms of a model may be millionths of milliseconds. */
    private static String digits(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
