package io.espalier.report.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** One self-contained HTML file. */
public final class Page {
    /** Colours and lines of the pictures, which the live page uses as well. */
    public static final String CHARTS = resource("charts.css");
    private static final String STYLE = CHARTS + resource("report.css");

    private Page() {}

    static String of(String title, CharSequence body) {
        return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>"
                + Svg.escape(title) + " – Espalier</title><link rel=\"icon\" href=\"data:,\"><style>" + STYLE
                + "</style></head>\n<body><main>" + body
                + "</main></body></html>\n";
    }

    private static String resource(String name) {
        try (InputStream css = Page.class.getResourceAsStream(name)) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
