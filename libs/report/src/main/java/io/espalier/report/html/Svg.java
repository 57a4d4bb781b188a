package io.espalier.report.html;

import java.util.Locale;

/** Writes one inline SVG picture; numbers with two decimals, text escaped. Colours come from charts.css. */
public final class Svg {
    public static final int WIDTH = 720;

    private final StringBuilder out = new StringBuilder();
    private final String label;

    /** @param label what a screen reader says */
    public Svg(int height, String label) {
        this.label = label;
        out.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(height)
                .append("\" role=\"img\" aria-label=\"")
                .append(escape(label)).append("\">");
    }

    public Svg rect(double x, double y, double width, double height, String style, String title) {
        return rect(x, y, width, height, style, 1, title);
    }

    /** @param opacity 0 to 1 */
    public Svg rect(double x, double y, double width, double height, String style, double opacity, String title) {
        out.append(String.format(Locale.ROOT, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"%s\"",
                x, y, Math.max(0, width), Math.max(0, height), style));
        out.append(opacity < 1 ? String.format(Locale.ROOT, " fill-opacity=\"%.2f\">", opacity) : ">");
        return title(title).append("</rect>");
    }

    public Svg circle(double x, double y, double radius, String style, String title) {
        out.append(String.format(Locale.ROOT, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" class=\"%s\">", x, y, radius,
                style));
        return title(title).append("</circle>");
    }

    public Svg line(double x1, double y1, double x2, double y2, String style) {
        return append(String.format(Locale.ROOT, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"%s\"/>",
                x1, y1, x2, y2, style));
    }

    public Svg polyline(double[] x, double[] y, String style) {
        out.append("<polyline class=\"").append(style).append("\" points=\"");
        for (int i = 0; i < x.length; i++) {
            out.append(String.format(Locale.ROOT, "%.2f,%.2f ", x[i], y[i]));
        }
        return append("\"/>");
    }

    /** @param anchor start, middle or end */
    public Svg text(double x, double y, String anchor, String text) {
        return append(
                String.format(Locale.ROOT, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\">%s</text>", x, y, anchor,
                        escape(text)));
    }

    /** Upright text along a vertical axis, centred. */
    public Svg upright(double x, double y, String text) {
        return append(String.format(Locale.ROOT,
                "<text transform=\"translate(%.2f %.2f) rotate(-90)\" text-anchor=\"middle\">%s</text>", x, y,
                escape(text)));
    }

    /** One square of colour and its meaning; the next fits at the returned place. */
    double legend(double x, double y, String style, String text) {
        rect(x, y - 9, 10, 10, style, text).text(x + 15, y, "start", text);
        return x + 15 + 6.2 * text.length() + 18;
    }

    public String end() {
        return out.append("</svg>").toString();
    }

    /** The picture in a frame of its own, which scrolls where the page is too narrow to read it. */
    String framed() {
        return "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"" + escape(label) + "\">" + end()
                + "</div>";
    }

    private Svg title(String title) {
        return title == null ? this : append("<title>" + escape(title) + "</title>");
    }

    private Svg append(String markup) {
        out.append(markup);
        return this;
    }

    /** For element content and for attribute values. */
    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
