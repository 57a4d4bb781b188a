package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import io.espalier.report.Report.Plan;
import io.espalier.report.Report.PlanLayer;
import java.util.List;

/**
 * Heat map of what is kept: one row per layer, a square for each key-value group, and MLP channels in bins, the darker
 * the more of a bin is kept.
 */
final class LayerMap {
    private static final int ROW = 18;
    private static final int LEFT = 70;
    private static final int BINS = 64;
    private static final double GROUPS_WIDTH = 220;

    private final Plan plan;
    private final int groups;
    private final int channels;
    private final double cell;
    private final double binsLeft;
    private final double binsWidth;

    private LayerMap(Plan plan) {
        this.plan = plan;
        groups = Math.max(1, plan.original() == null
                ? plan.layers().stream().mapToInt(l -> last(l.keptKvGroups(), l.kvGroups())).max().orElse(1)
                : max(plan.original().kvGroups()));
        channels = Math.max(1, plan.original() == null
                ? plan.layers().stream().mapToInt(l -> last(l.keptChannels(), l.channels())).max().orElse(1)
                : max(plan.original().channels()));
        cell = Math.min(16, GROUPS_WIDTH / groups);
        binsLeft = Math.max(LEFT + groups * cell + 70, 210);
        binsWidth = Svg.WIDTH - binsLeft - 110;
    }

    static Section of(Report report) {
        boolean known = report.plan() != null && !report.plan().layers().isEmpty();
        return new Section("kept", "What is kept", known ? new LayerMap(report.plan()).draw() : "");
    }

    private static int max(List<Integer> counts) {
        return counts.stream().mapToInt(n -> n).max().orElse(1);
    }

    private static int last(List<Integer> kept, int count) {
        return kept.isEmpty() ? count : kept.getLast() + 1;
    }

    private String draw() {
        Svg svg = new Svg(plan.layers().size() * ROW + 28, "What is kept of each layer");
        svg.text(LEFT, 12, "start", "key-value groups").text(binsLeft, 12, "start", "MLP channels");
        double y = 20;
        for (PlanLayer layer : plan.layers()) {
            svg.text(LEFT - 8, y + 11, "end", "layer " + layer.layer());
            groups(svg, layer, y);
            channels(svg, layer, y);
            y += ROW;
        }
        return svg.framed()
                + "<p class=\"note\">Strong colour is kept, faint is removed; a column of channels is up to "
                + Math.ceilDiv(channels, BINS) + " of them in their order in the original.</p>";
    }

    private void groups(Svg svg, PlanLayer layer, double y) {
        int before = before(layer, true);
        boolean listed = !layer.keptKvGroups().isEmpty() || layer.kvGroups() == 0;
        for (int g = 0; g < before; g++) {
            boolean kept = listed ? layer.keptKvGroups().contains(g) : g < layer.kvGroups();
            svg.rect(LEFT + g * cell, y, Math.max(0.5, cell - 1.5), 14, kept ? "kept" : "gone",
                    "layer " + layer.layer() + ", group " + g + (kept ? ": kept" : ": removed"));
        }
        svg.text(LEFT + groups * cell + 6, y + 11, "start", layer.kvGroups() + " of " + before);
    }

    private void channels(Svg svg, PlanLayer layer, double y) {
        int before = before(layer, false);
        int bins = Math.min(BINS, before);
        boolean listed = !layer.keptChannels().isEmpty() || layer.channels() == 0;
        int[] kept = new int[Math.max(1, bins)];
        for (int channel : layer.keptChannels()) {
            kept[(int) Math.min(bins - 1, (long) channel * bins / before)]++;
        }
        double width = binsWidth * before / channels;
        if (!listed) { // widths only are known
            svg.rect(binsLeft, y, width, 14, "gone", before - layer.channels() + " channels removed");
            svg.rect(binsLeft, y, width * layer.channels() / before, 14, "kept", layer.channels() + " channels kept");
        }
        for (int bin = 0; listed && bin < bins; bin++) {
            int first = Math.ceilDiv(bin * before, bins);
            int size = Math.ceilDiv((bin + 1) * before, bins) - first;
            double share = (double) kept[bin] / size;
            svg.rect(binsLeft + bin * width / bins, y, width / bins + 0.2, 14, "gone", null);
            svg.rect(binsLeft + bin * width / bins, y, width / bins + 0.2, 14, "kept", Math.min(0.99, share),
                    "layer " + layer.layer() + ", channels " + first + " to " + (first + size - 1) + ": " + kept[bin]
                            + " of " + size + " kept");
        }
        svg.text(binsLeft + binsWidth + 6, y + 11, "start", Figures.count(layer.channels()) + " of "
                + Figures.count(before));
    }

    /** What the layer had in the original. */
    private int before(PlanLayer layer, boolean attention) {
        if (plan.original() == null) {
            return attention ? groups : channels;
        }
        return (attention ? plan.original().kvGroups() : plan.original().channels()).get(layer.layer());
    }
}
