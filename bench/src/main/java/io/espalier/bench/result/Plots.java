package io.espalier.bench.result;

import io.espalier.report.html.Axes;
import io.espalier.report.html.Svg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Results as SVG files: {@code limits.svg}, what share of its limit each figure reaches; {@code memory.svg}, peaks beside
 * their floors; and one file for each plot that series name.
 */
public final class Plots {
    private static final int LABELS = 330;
    private static final int ROW = 22;
    private static final int COLOURS = 5;
    private static final double LONGEST_SHARE = 1.5;
    private static final String STYLE = "<style>svg{background:#fff}text{font:11px sans-serif;fill:#222}"
            + ".axis{stroke:#999}.grid{stroke:#e4e4e4}.limit{stroke:#b03030;stroke-width:2}.bar{fill:#2f6db5}.floor{fill:#b9cbe0}"
            + "polyline{fill:none;stroke-width:2}.s0{stroke:#2f6db5}.s1{stroke:#d1642f}.s2{stroke:#3c8d4f}"
            + ".s3{stroke:#8a56ac}.s4{stroke:#7a7a7a}</style>";

    private Plots() {}

    /** @param folder made if it is not there */
    public static void write(Results results, Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Figure> shares = figures(results).stream()
                .filter(f -> f.limit() != null && f.better() == Figure.Better.MORE && !f.unit().equals("%")).toList();
        if (!shares.isEmpty()) {
            Files.writeString(folder.resolve("limits.svg"), limits(shares));
        }
        List<Figure> peaks = figures(results).stream().filter(f -> f.limit() != null && f.unit().equals("MiB"))
                .toList();
        if (!peaks.isEmpty()) {
            Files.writeString(folder.resolve("memory.svg"), peaks(peaks));
        }
        for (Map.Entry<String, List<Series>> plot : plots(results).entrySet()) {
            Files.writeString(folder.resolve(plot.getKey() + ".svg"), lines(plot.getValue()));
        }
    }

    private static List<Figure> figures(Results results) {
        return results.runs().stream().flatMap(run -> run.figures().stream()).toList();
    }

    private static Map<String, List<Series>> plots(Results results) {
        Map<String, List<Series>> plots = new LinkedHashMap<>();
        results.runs().stream().flatMap(run -> run.series().stream())
                .forEach(line -> plots.computeIfAbsent(line.plot(), name -> new ArrayList<>()).add(line));
        return plots;
    }

    /** A bar per figure, a line at the limit. */
    private static String limits(List<Figure> figures) {
        var svg = new Svg(figures.size() * ROW + 30, "Share of the limit that each figure reaches");
        double full = (Svg.WIDTH - LABELS - 150) / LONGEST_SHARE;
        double y = 4;
        for (Figure figure : figures) {
            double share = Math.min(LONGEST_SHARE, figure.share());
            svg.text(LABELS - 8, y + 12, "end", figure.name());
            svg.rect(LABELS, y, full * share, ROW - 8, "bar", ResultTable.limit(figure));
            svg.text(LABELS + full * share + 6, y + 12, "start", ResultTable.reached(figure) + ", "
                    + ResultTable.value(figure.value(), figure.unit()));
            y += ROW;
        }
        svg.line(LABELS + full, 0, LABELS + full, y, "limit").text(LABELS + full, y + 14, "middle", "limit");
        return standalone(svg);
    }

    /** A bar per task, the part that cannot be spared lighter. */
    private static String peaks(List<Figure> figures) {
        var svg = new Svg(figures.size() * ROW + 30, "Peak resident memory of each task");
        double largest = figures.stream().mapToDouble(Figure::value).max().orElse(1);
        double full = (Svg.WIDTH - LABELS - 120) / largest;
        double y = 4;
        for (Figure figure : figures) {
            double floor = Math.min(figure.value(), figure.limit().value());
            svg.text(LABELS - 8, y + 12, "end", figure.name());
            svg.rect(LABELS, y, full * figure.value(), ROW - 8, "bar", "peak");
            svg.rect(LABELS, y, full * floor, ROW - 8, "floor", figure.limit().name());
            svg.text(LABELS + full * figure.value() + 6, y + 12, "start",
                    ResultTable.value(figure.value(), figure.unit()));
            y += ROW;
        }
        svg.text(LABELS, y + 14, "start", "lighter: " + figures.getFirst().limit().name());
        return standalone(svg);
    }

    private static String lines(List<Series> series) {
        List<double[]> all = series.stream().flatMap(line -> points(line).stream()).toList();
        Axes axes = Axes.around(all, 70, 10, Svg.WIDTH - 20, 280);
        Series first = series.getFirst();
        var svg = new Svg(320, first.yName() + " over " + first.xName());
        axes.draw(svg, first.xName(), first.yName());
        for (int i = 0; i < series.size(); i++) {
            axes.polyline(svg, points(series.get(i)), "s" + i % COLOURS);
            double y = 30 + 18.0 * i;
            svg.line(90, y - 4, 114, y - 4, "s" + i % COLOURS).text(120, y, "start", series.get(i).name());
        }
        return standalone(svg);
    }

    private static List<double[]> points(Series line) {
        List<double[]> points = new ArrayList<>();
        for (int i = 0; i < line.x().size(); i++) {
            points.add(new double[]{line.x().get(i), line.y().get(i)});
        }
        return points;
    }

    /** Fit to be a file: with its name space and its own colours. */
    private static String standalone(Svg svg) {
        String inline = svg.end();
        int head = inline.indexOf('>') + 1;
        return inline.substring(0, head).replace("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ") + STYLE
                + inline.substring(head) + "\n";
    }
}
