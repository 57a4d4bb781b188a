package io.espalier.report.html;

/**
 * One part of a report; {@link Sections} puts them in order.
 *
 * @param id    anchor, the same in every report
 * @param html  what stands below the heading, with all text escaped; empty where this report has nothing to say here
 */
public record Section(String id, String title, String html) {
    boolean isEmpty() {
        return html.isEmpty();
    }

    /** As it stands in a page. */
    String markup() {
        return "\n<section id=\"" + id + "\"><h2>" + Svg.escape(title) + "</h2>" + html + "</section>";
    }
}
