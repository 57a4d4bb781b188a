package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Parameters against perplexity, one point per model: lower left is better, the line joins those that nothing beats. */
final class Pareto {
    private static final double LEFT = 70;
    private static final double TOP = 30;
    private static final double RIGHT = Svg.WIDTH - 30;
    private static final double BOTTOM = 300;
    private static final double RADIUS = 5;

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
        Axes axes = Axes.around(places, LEFT, TOP, RIGHT, BOTTOM);
        Svg svg = new Svg(342, "Parameters against perplexity " + protocol + ", lower left is better");
        double next = svg.legend(74, 12, "original", "original");
        next = svg.legend(next, 12, "pruned", "pruned");
        svg.legend(next, 12, "recovered", "recovered");
        axes.draw(svg, "parameters", "perplexity " + protocol);
        List<Point> front = points.stream().filter(p -> points.stream().noneMatch(p::isBeatenBy))
                .sorted(Comparator.comparingDouble(Point::parameters)).toList();
        axes.polyline(svg, front.stream().map(p -> new double[]{p.parameters(), p.perplexity()}).toList(), "front");
        names(svg, axes, points);
        points.forEach(p -> svg.circle(axes.x(p.parameters()), axes.y(p.perplexity()), RADIUS, p.subject(), p.name()
                + ": " + Figures.count((long) p.parameters()) + " parameters, perplexity "
                + Figures.significant(p.perplexity())));
        return svg.framed()
                + "<p class=\"note\">Axes do not begin at zero. The line joins models that no other beats in both"
                + " size and perplexity.</p>";
    }

    private static void names(Svg svg, Axes axes, List<Point> points) {
        Labels labels = new Labels(LEFT, TOP, Svg.WIDTH, BOTTOM);
        points.forEach(p -> labels.point(axes.x(p.parameters()), axes.y(p.perplexity()), RADIUS));
        for (Point p : points) {
            if (!p.subject().equals("original")) {
                double x = axes.x(p.parameters());
                double y = axes.y(p.perplexity());
                Labels.Place place = labels.place(x, y, p.name());
                Labels.leader(x, y, place).ifPresent(line -> svg.line(line[0], line[1], line[2], line[3], "grid"));
                svg.text(place.x(), place.y(), place.anchor(), p.name());
            }
        }
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
