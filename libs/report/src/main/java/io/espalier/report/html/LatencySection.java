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
        return "<p>" + escape(latency.sentence()) + ".</p>" + variants(latency) + "<p>" + escape(String.format(
                Locale.ROOT,
                "Fitted: %s ms, %s ms for each layer, %s ms for each KV group and %s ms for each channel, on %s with %d "
                        + "threads, prompt of %d tokens, medians of %d runs in turns.",
                digits(model.base()), digits(model.layer()), digits(model.kvGroup()), digits(model.channel()), latency
                        .device(),
                latency.threads(), latency.promptTokens(), latency.rounds())) + "</p>";
    }

    private static String variants(LatencyOutcome latency) {
        Table table = new Table("Timed variants of the model", HEAD);
        for (int i = 0; i < latency.variants().size(); i++) {
            LatencyOutcome.Variant variant = latency.variants().get(i);
            table.row(Integer.toString(i + 1), List.of(Figures.count(variant.layers()), Figures.count(Math.round(variant
                    .kvGroups())), Figures.count(Math.round(variant.channels())), millis(variant.millis()), millis(
                            variant.quartiles().getFirst()) + " to " + millis(variant.quartiles().getLast()),
                    millis(
                            variant.fittedMillis()),
                    Figures.change(variant.millis(), variant.fittedMillis())));
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
