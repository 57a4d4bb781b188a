package io.espalier.report.html;

import io.espalier.report.Report;
import io.espalier.report.Report.Histogram;
import java.util.Map;
import java.util.stream.IntStream;

/** How the scores of units are spread, and where the plan drew the line. */
final class ImportanceHistograms {
    private static final int HEIGHT = 170;
    private static final int BOTTOM = 128;
    private static final Map<String, String> UNITS = Map.of("attention", "key-value groups", "mlp", "MLP channels");

    private ImportanceHistograms() {}

    static Section of(Report report) {
        StringBuilder html = new StringBuilder();
        if (report.plan() != null) {
            report.plan().importance().forEach((units, histogram) -> html.append(draw(UNITS.getOrDefault(units,
                    units), histogram)));
        }
        return new Section("importance", "Importance", html.isEmpty()
                ? ""
                : html + "<p class=\"note\">Units of all layers by their score. Where scores are compared layer by layer,"
                        + " kept and removed overlap: each layer has its own line.</p>");
    }

    private static String draw(String units, Histogram histogram) {
        int bins = histogram.kept().size();
        double low = histogram.edges().getFirst();
        double high = histogram.edges().getLast();
        int most = IntStream.range(0, bins).map(i -> histogram.kept().get(i) + histogram.removed().get(i)).max()
                .orElse(1);
        Axes axes = new Axes(histogram.log()
                ? Axis.logarithmic(low, high, 60, Svg.WIDTH - 20)
                : Axis.linear(low, high, 60, Svg.WIDTH - 20), Axis.counting(0, most, BOTTOM, 24));
        Svg svg = new Svg(HEIGHT, "Scores of " + units + ", kept and removed");
        double next = svg.legend(64, 12, "kept", "kept " + units);
        svg.legend(next, 12, "pruned", "removed");
        axes.draw(svg, "score of " + units, "units");
        for (int i = 0; i < bins; i++) {
            double left = axes.x(histogram.edges().get(i));
            double width = axes.x(histogram.edges().get(i + 1)) - left - 1;
            int kept = histogram.kept().get(i);
            int removed = histogram.removed().get(i);
            String range = Axis.label(histogram.edges().get(i)) + " to " + Axis.label(histogram.edges().get(i + 1));
            bar(svg, axes, left, width, 0, removed, "pruned", range + ": " + removed + " removed");
            bar(svg, axes, left, width, removed, removed + kept, "kept", range + ": " + kept + " kept");
        }
        return svg.framed();
    }

    private static void bar(Svg svg, Axes axes, double left, double width, int from, int to, String style,
            String title) {
        if (to > from) {
            svg.rect(left, axes.y(to), width, axes.y(from) - axes.y(to), style, title);
        }
    }
}
