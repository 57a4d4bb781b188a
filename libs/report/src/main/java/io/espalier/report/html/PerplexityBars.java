package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.TreeSet;

/** One bar per protocol and model; shorter is better. */
final class PerplexityBars {
    private PerplexityBars() {}

    static Section of(Report report) {
        TreeSet<String> protocols = new TreeSet<>();
        report.models().values().forEach(model -> protocols.addAll(model.perplexity().keySet()));
        Bars bars = new Bars("Perplexity of each model, shorter is better");
        for (String protocol : protocols) {
            bars.group(protocol);
            report.models().forEach((subject, model) -> {
                Double value = model.perplexity().get(protocol);
                if (value != null) {
                    bars.bar(subject, value, Figures.significant(value));
                }
            });
        }
        String svg = bars.end(Double.NaN, Double.NaN);
        return new Section("perplexity", "Perplexity", svg.isEmpty()
                ? ""
                : svg + "<p class=\"note\">Shorter is better. Bars of different protocols cannot be compared.</p>");
    }
}
