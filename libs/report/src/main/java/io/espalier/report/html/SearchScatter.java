package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import io.espalier.report.Report.Generation;
import java.util.ArrayList;
import java.util.List;

/** Every candidate that a search measured, round by round, and the best so far. */
final class SearchScatter {
    private SearchScatter() {}

    static Section of(Report report) {
        boolean any = report.search() != null && report.search().generations().stream()
                .anyMatch(generation -> !generation.values().isEmpty());
        return new Section("search", "Search", any ? draw(report.search().generations()) : "");
    }

    private static String draw(List<Generation> generations) {
        List<double[]> all = new ArrayList<>();
        List<double[]> best = new ArrayList<>();
        double least = Double.POSITIVE_INFINITY;
        for (Generation generation : generations) {
            for (double value : generation.values()) {
                all.add(new double[]{generation.round(), value});
                least = Math.min(least, value);
            }
            best.add(new double[]{generation.round(), least});
        }
        Axis y = Axis.around(all.stream().mapToDouble(p -> p[1]).toArray(), 220, 24);
        double last = generations.getLast().round();
        Axes axes = new Axes(Axis.counting(0.5, last + 0.5, 70, Svg.WIDTH - 20), y);
        Svg svg = new Svg(262, "Value of every candidate measured, by round; lower is better");
        double next = svg.legend(74, 12, "candidate", "candidate");
        svg.legend(next, 12, "recovered", "best so far");
        axes.draw(svg, "round", "measured, lower is better");
        all.forEach(p -> svg.circle(axes.x(p[0]), axes.y(p[1]), 3, "candidate", "round " + (int) p[0] + ": "
                + Figures.significant(p[1])));
        axes.polyline(svg, best, "line-validation");
        best.forEach(p -> svg.circle(axes.x(p[0]), axes.y(p[1]), 3, "recovered", "best after round " + (int) p[0] + ": "
                + Figures.significant(p[1])));
        return svg.framed();
    }
}
