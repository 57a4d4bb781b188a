package io.espalier.report.html;

import java.util.ArrayList;
import java.util.List;

/**
 * Horizontal bars in groups. Every bar begins at zero, so lengths can be compared; one that would dwarf all others is cut,
 * visibly, and its number tells the truth.
 */
final class Bars {
    /** Of bars that stand for no model. */
    static final String PLAIN = "wall";
    private static final int LEFT = 170;
    private static final int RIGHT = 190;
    private static final int BAR = 18;
    private static final int GAP = 12;
    /** Longer than this many times the first bar of a group: cut. */
    private static final double CUT = 8;

    private record Bar(String style, double value, String text, double spread) {
        /** Bars of models say which model. */
        String label(boolean cut) {
            boolean model = !style.equals(PLAIN);
            return text + (cut ? " (bar cut)" : "") + (model ? "  " + style : "");
        }
    }

    private record Group(String label, List<Bar> bars) {}

    private final String label;
    private final List<Group> groups = new ArrayList<>();

    Bars(String label) {
        this.label = label;
    }

    Bars group(String name) {
        groups.add(new Group(name, new ArrayList<>()));
        return this;
    }

    /** @param style the model the bar stands for, and its colour */
    Bars bar(String style, double value, String text) {
        return bar(style, value, text, 0);
    }

    /** @param spread half the length of a whisker, 0 for none */
    Bars bar(String style, double value, String text, double spread) {
        groups.getLast().bars().add(new Bar(style, value, text, spread));
        return this;
    }

    /**
     * @param full value of a bar of full length; NaN means the longest
     * @param mark where a vertical line stands; NaN for none
     */
    String end(double full, double mark) {
        if (groups.stream().allMatch(group -> group.bars().isEmpty())) {
            return "";
        }
        int height = groups.stream().mapToInt(g -> g.bars().size() * BAR + GAP).sum();
        Svg svg = new Svg(height, label);
        double scale = (Svg.WIDTH - LEFT - RIGHT) / (Double.isNaN(full) ? longest() : full);
        if (!Double.isNaN(mark)) {
            svg.line(LEFT + mark * scale, 0, LEFT + mark * scale, height, "grid");
        }
        double top = GAP / 2.0;
        for (Group group : groups) {
            svg.text(LEFT - 10, top + group.bars().size() * BAR / 2.0 + 4, "end", group.label());
            for (Bar bar : group.bars()) {
                draw(svg, group, bar, top, scale);
                top += BAR;
            }
            top += GAP;
        }
        return svg.line(LEFT, 0, LEFT, height, "axis").framed();
    }

    private void draw(Svg svg, Group group, Bar bar, double top, double scale) {
        double longest = Svg.WIDTH - LEFT - RIGHT;
        double length = Double.isFinite(bar.value()) ? Math.min(bar.value() * scale, longest) : longest;
        boolean cut = !Double.isFinite(bar.value()) || bar.value() * scale > longest * 1.001;
        svg.rect(LEFT, top + 1, length, BAR - 4, bar.style(), group.label() + ": " + bar.label(false));
        if (cut) {
            svg.line(LEFT + length - 14, top + BAR, LEFT + length - 6, top - 2, "cut");
            svg.line(LEFT + length - 10, top + BAR, LEFT + length - 2, top - 2, "cut");
        }
        double end = length;
        if (bar.spread() > 0) {
            double half = bar.spread() * scale;
            end = length + half;
            svg.line(LEFT + Math.max(0, length - half), top + BAR / 2.0 - 1, LEFT + end, top + BAR / 2.0 - 1,
                    "whisker");
        }
        svg.text(LEFT + end + 6, top + BAR - 6, "start", bar.label(cut));
    }

    /** Longest bar that is not cut. */
    private double longest() {
        double longest = 0;
        for (Group group : groups) {
            double first = group.bars().isEmpty() ? 0 : group.bars().getFirst().value();
            for (Bar bar : group.bars()) {
                if (Double.isFinite(bar.value()) && (first <= 0 || bar.value() <= CUT * first)) {
                    longest = Math.max(longest, bar.value());
                }
            }
        }
        return longest > 0 ? longest : 1;
    }
}
