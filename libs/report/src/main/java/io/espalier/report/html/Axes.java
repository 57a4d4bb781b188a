package io.espalier.report.html;

import java.util.List;

/** A frame of two axes with ticks and faint lines across; scales that do not begin at zero say their range by ticks. */
public record Axes(Axis x, Axis y) {
    /** Axes that hold all points. */
    public static Axes around(List<double[]> points, double left, double top, double right, double bottom) {
        return new Axes(Axis.around(points.stream().mapToDouble(p -> p[0]).toArray(), left, right),
                Axis.around(points.stream().mapToDouble(p -> p[1]).toArray(), bottom, top));
    }

    public double x(double value) {
        return x.at(value);
    }

    public double y(double value) {
        return y.at(value);
    }

    public void draw(Svg svg, String xLabel, String yLabel) {
        for (double tick : y.ticks()) {
            svg.line(x.from(), y(tick), x.to(), y(tick), "grid");
            svg.text(x.from() - 6, y(tick) + 4, "end", Axis.label(tick));
        }
        for (double tick : x.ticks()) {
            svg.line(x(tick), y.from(), x(tick), y.from() + 4, "axis");
            svg.text(x(tick), y.from() + 16, "middle", Axis.label(tick));
        }
        svg.line(x.from(), y.to(), x.from(), y.from(), "axis").line(x.from(), y.from(), x.to(), y.from(), "axis");
        svg.text((x.from() + x.to()) / 2, y.from() + 32, "middle", xLabel + (x.log() ? " (log scale)" : ""));
        svg.upright(12, (y.from() + y.to()) / 2, yLabel + (y.log() ? " (log scale)" : ""));
    }

    public void polyline(Svg svg, List<double[]> points, String style) {
        svg.polyline(points.stream().mapToDouble(p -> x(p[0])).toArray(),
                points.stream().mapToDouble(p -> y(p[1])).toArray(), style);
    }
}
