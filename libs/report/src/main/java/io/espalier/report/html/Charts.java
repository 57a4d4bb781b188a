package io.espalier.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The pictures of a report, each an inline SVG; empty text where there is nothing to draw. */
final class Charts {
    private static final int WIDTH = 720;
    private static final int LABELS = 150;

    private Charts() {}

    /** One bar per protocol and model; shorter is better. */
    static String perplexity(Report report) {
        TreeSet<String> protocols = new TreeSet<>();
        report.models().values().forEach(model -> protocols.addAll(model.perplexity().keySet()));
        if (protocols.isEmpty()) {
            return "";
        }
        List<String> subjects = report.subjects();
        double largest = report.models().values().stream().flatMap(m -> m.perplexity().values().stream())
                .filter(Double::isFinite).mapToDouble(v -> v).max().orElse(1);
        int rowHeight = 18 * subjects.size() + 14;
        Svg svg = new Svg(WIDTH, protocols.size() * rowHeight, "Perplexity of each model, lower is better");
        int top = 0;
        for (String protocol : protocols) {
            svg.text(LABELS - 8, top + rowHeight / 2.0, "end", protocol);
            for (int i = 0; i < subjects.size(); i++) {
                Double value = report.models().get(subjects.get(i)).perplexity().get(protocol);
                if (value != null) {
                    double length = (WIDTH - LABELS - 170) * Math.min(1, value / largest);
                    svg.rect(LABELS, top + 18 * i, length, 14, subjects.get(i),
                            subjects.get(i) + ": perplexity " + value);
                    svg.text(LABELS + length + 6, top + 18 * i + 11, "start",
                            Figures.significant(value) + " " + subjects.get(i));
                }
            }
            top += rowHeight;
        }
        return svg.end();
    }

    /** One row per layer: squares for key-value groups (filled: kept), a bar for the share of MLP channels kept. */
    static String layers(Report.Plan plan) {
        if (plan == null || plan.layers().isEmpty()) {
            return "";
        }
        int groups = plan.layers().stream().flatMap(l -> l.keptKvGroups().stream()).mapToInt(g -> g + 1).max()
                .orElse(0);
        int channels = plan.layers().stream().flatMap(l -> l.keptChannels().stream()).mapToInt(c -> c + 1).max()
                .orElse(1);
        double cell = Math.min(14, 260.0 / Math.max(1, groups));
        double barLeft = Math.max(190, 70 + groups * cell + 20);
        Svg svg = new Svg(WIDTH, plan.layers().size() * 18 + 22, "What is kept of each layer");
        svg.text(70, 12, "start", "key-value groups").text(barLeft, 12, "start", "MLP channels");
        double y = 20;
        for (Report.PlanLayer layer : plan.layers()) {
            svg.text(60, y + 11, "end", "layer " + layer.layer());
            for (int g = 0; g < groups; g++) {
                boolean kept = layer.keptKvGroups().contains(g);
                svg.rect(70 + g * cell, y, cell - 2, 13, kept ? "kept" : "gone",
                        "layer " + layer.layer() + ", group " + g + (kept ? ": kept" : ": removed"));
            }
            double full = WIDTH - barLeft - 90;
            double share = (double) layer.channels() / channels;
            svg.rect(barLeft, y, full, 13, "gone", channels - layer.channels() + " channels removed");
            svg.rect(barLeft, y, full * share, 13, "kept", layer.channels() + " channels kept");
            svg.text(barLeft + full + 6, y + 11, "start", Figures.count(layer.channels()));
            y += 18;
        }
        return svg.end();
    }

    /** Training and validation loss over steps. */
    static String losses(Report.Recovery recovery) {
        if (recovery == null || recovery.losses() == null || recovery.losses().size() < 2) {
            return "";
        }
        List<double[]> training = new ArrayList<>();
        List<double[]> validation = new ArrayList<>();
        for (JsonNode row : recovery.losses()) {
            addPoint(training, row, 1);
            addPoint(validation, row, 2);
        }
        List<double[]> all = new ArrayList<>(training);
        all.addAll(validation);
        Axes axes = Axes.around(all, 60, 10, WIDTH - 20, 200);
        Svg svg = new Svg(WIDTH, 230, "LoRA loss over optimizer steps");
        axes.draw(svg, "step", "loss");
        axes.polyline(svg, training, "line-train");
        axes.polyline(svg, validation, "line-validation");
        for (double[] point : validation) {
            svg.circle(axes.x(point[0]), axes.y(point[1]), 3, "recovered",
                    "step " + (long) point[0] + ": validation loss " + point[1]);
        }
        return svg.end();
    }

    private static void addPoint(List<double[]> points, JsonNode row, int column) {
        if (row.path(column).isNumber()) {
            points.add(new double[]{row.get(0).doubleValue(), row.get(column).doubleValue()});
        }
    }

    /** Parameters against perplexity, one point per job: lower left is better. */
    static String pareto(List<Report> reports, String protocol) {
        List<double[]> points = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Report report : reports) {
            for (String subject : report.subjects()) {
                Report.ModelResult model = report.models().get(subject);
                Double value = model.perplexity().get(protocol);
                if (value != null && Double.isFinite(value) && model.parameters() != null) {
                    points.add(new double[]{model.parameters(), value});
                    names.add(subject.equals("original") ? "original" : Compared.label(report) + ", " + subject);
                }
            }
        }
        if (points.size() < 2) {
            return "";
        }
        Axes axes = Axes.around(points, 60, 10, WIDTH - 20, 280);
        Svg svg = new Svg(WIDTH, 310, "Parameters against perplexity " + protocol);
        axes.draw(svg, "parameters", "perplexity " + protocol);
        for (int i = 0; i < points.size(); i++) {
            String name = names.get(i);
            String style = name.equals("original") ? "original" : name.endsWith("recovered") ? "recovered" : "pruned";
            svg.circle(axes.x(points.get(i)[0]), axes.y(points.get(i)[1]), 5, style, name + ": "
                    + Figures.count((long) points.get(i)[0]) + " parameters, perplexity " + points.get(i)[1]);
        }
        return svg.end();
    }

    /** Where the time went: one bar per stage. */
    static String stages(Report report) {
        List<Report.StageResult> stages = report.stages();
        if (stages.isEmpty()) {
            return "";
        }
        double longest = Math.max(1e-9, stages.stream().mapToDouble(Report.StageResult::wallSeconds).max().orElse(0));
        Svg svg = new Svg(WIDTH, stages.size() * 20, "Wall time of each stage");
        double y = 2;
        for (Report.StageResult stage : stages) {
            double length = (WIDTH - LABELS - 120) * stage.wallSeconds() / longest;
            svg.text(LABELS - 8, y + 11, "end", stage.stage());
            svg.rect(LABELS, y, length, 14, "pruned", stage.stage() + ": " + Figures.seconds(stage.wallSeconds()));
            svg.text(LABELS + length + 6, y + 11, "start", Figures.seconds(stage.wallSeconds()));
            y += 20;
        }
        return svg.end();
    }
}
