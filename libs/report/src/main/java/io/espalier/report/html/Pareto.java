package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Parameters against perplexity, one point per model: lower left is better, the line joins those that nothing beats. */
final class Pareto {
    private record Point(String name, String subject, double parameters, double perplexity) {
        boolean isBeatenBy(Point other) {
            return other.parameters <= parameters && other.perplexity <= perplexity
                    && (other.parameters < parameters || other.perplexity < perplexity);
        }
    }

    private Pareto() {}

    static String draw(List<Report> reports, String protocol) {
        List<Point> points = points(reports, protocol);
        if (points.size() < 2) {
            return "";
        }
        List<double[]> places = points.stream().map(p -> new double[]{p.parameters(), p.perplexity()}).toList();
        Axes axes = Axes.around(places, 70, 30, Svg.WIDTH - 30, 300);
        Svg svg = new Svg(342, "Parameters against perplexity " + protocol + ", lower left is better");
        double next = svg.legend(74, 12, "original", "original");
        next = svg.legend(next, 12, "pruned", "pruned");
        svg.legend(next, 12, "recovered", "recovered");
        axes.draw(svg, "parameters", "perplexity " + protocol);
        List<Point> front = points.stream().filter(p -> points.stream().noneMatch(p::isBeatenBy))
                .sorted(Comparator.comparingDouble(Point::parameters)).toList();
        axes.polyline(svg, front.stream().map(p -> new double[]{p.parameters(), p.perplexity()}).toList(), "front");
        for (Point p : points) {
            svg.circle(axes.x(p.parameters()), axes.y(p.perplexity()), 5, p.subject(), p.name() + ": "
                    + Figures.count((long) p.parameters()) + " parameters, perplexity "
                    + Figures.significant(p.perplexity()));
            boolean right = axes.x(p.parameters()) > Svg.WIDTH - 170;
            if (!p.subject().equals("original")) {
                svg.text(axes.x(p.parameters()) + (right ? -9 : 9), axes.y(p.perplexity()) - 7, right ? "end" : "start",
                        p.name());
            }
        }
        return svg.framed()
                + "<p class=\"note\">Axes do not begin at zero. The line joins models that no other beats in both"
                + " size and perplexity.</p>";
    }

    /** The original once: it is the same for all. */
    private static List<Point> points(List<Report> reports, String protocol) {
        List<Point> points = new ArrayList<>();
        for (Report report : reports) {
            report.models().forEach((subject, model) -> {
                Double value = model.perplexity().get(protocol);
                boolean original = subject.equals("original");
                if (value != null && Double.isFinite(value) && model.parameters() != null) {
                    var point = new Point(original ? subject : HtmlReport.name(report) + ", " + subject, subject,
                            model.parameters(),
                            value);
                    if (!points.contains(point)) {
                        points.add(point);
                    }
                }
            });
        }
        return points;
    }
}
