package io.espalier.report.html;

import io.espalier.report.Figures;
import java.util.List;

/** Linear axes: data to picture coordinates, a frame and four tick labels on each side. */
record Axes(double minX, double maxX, double minY, double maxY, double left, double top, double right, double bottom) {
    private static final int TICKS = 4;

    /** Axes that hold all points with a small margin. */
    static Axes around(List<double[]> points, double left, double top, double right, double bottom) {
        double minX = Double.POSITIVE_INFINITY;
        double maxX = Double.NEGATIVE_INFINITY;
        double minY = Double.POSITIVE_INFINITY;
        double maxY = Double.NEGATIVE_INFINITY;
        for (double[] p : points) {
            minX = Math.min(minX, p[0]);
            maxX = Math.max(maxX, p[0]);
            minY = Math.min(minY, p[1]);
            maxY = Math.max(maxY, p[1]);
        }
        double marginX = margin(minX, maxX);
        double marginY = margin(minY, maxY);
        return new Axes(below(minX, marginX), maxX + marginX, below(minY, marginY), maxY + marginY, left, top, right,
                bottom);
    }

    /** What is never negative gets no negative axis. */
    private static double below(double min, double margin) {
        return min >= 0 ? Math.max(0, min - margin) : min - margin;
    }

    private static double margin(double min, double max) {
        return max > min ? (max - min) * 0.05 : Math.max(1e-9, Math.abs(max) * 0.05);
    }

    double x(double value) {
        return left + (value - minX) / (maxX - minX) * (right - left);
    }

    double y(double value) {
        return bottom - (value - minY) / (maxY - minY) * (bottom - top);
    }

    void draw(Svg svg, String xLabel, String yLabel) {
        svg.line(left, top, left, bottom, "axis").line(left, bottom, right, bottom, "axis");
        for (int i = 0; i <= TICKS; i++) {
            double vx = minX + (maxX - minX) * i / TICKS;
            double vy = minY + (maxY - minY) * i / TICKS;
            svg.text(x(vx), bottom + 14, "middle", vx >= 10_000 ? Figures.scaled(vx).trim() : Figures.significant(vx));
            svg.text(left - 6, y(vy) + 4, "end", Figures.significant(vy));
        }
        svg.text(right, bottom + 28, "end", xLabel).text(left + 6, top + 10, "start", yLabel);
    }

    void polyline(Svg svg, List<double[]> points, String style) {
        svg.polyline(points.stream().mapToDouble(p -> x(p[0])).toArray(),
                points.stream().mapToDouble(p -> y(p[1])).toArray(), style);
    }
}
