package io.espalier.report.html;

import static io.espalier.report.html.Svg.escape;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.espalier.report.Comparison;
import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** report.html: the report for people; one file without scripts or addresses, light and dark, printable. */
public final class HtmlReport {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String STYLE = style();

    private HtmlReport() {}

    public static String of(Report report) {
        String name = report.job().name() == null ? report.job().id() : report.job().name();
        StringBuilder body = new StringBuilder();
        body.append("<h1>").append(escape(name)).append("</h1><p class=\"lead\">").append(lead(report)).append("</p>");
        if (report.error() != null) {
            body.append("<p class=\"error\">").append(escape(report.error().stage())).append(": ")
                    .append(escape(report.error().message())).append("</p>");
        }
        section(body, "Before and after", comparison(Comparison.of(report)));
        section(body, "Perplexity", Charts.perplexity(report));
        section(body, "What is kept", Charts.layers(report.plan()));
        section(body, "Recovery", recovery(report.recovery()));
        section(body, "Protocols", ProtocolTables.of(report.protocols()));
        section(body, "Time", Charts.stages(report) + stages(report.stages()));
        section(body, "Environment", environment(report.environment()));
        section(body, "Request", "<pre>" + escape(pretty(report)) + "</pre>");
        return page(name, body);
    }

    static String page(String title, CharSequence body) {
        return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" + escape(title)
                + " – Espalier</title><style>" + STYLE + "</style></head>\n<body><main>" + body
                + "</main></body></html>\n";
    }

    static void section(StringBuilder body, String title, String content) {
        if (!content.isEmpty()) {
            body.append("\n<section><h2>").append(escape(title)).append("</h2>").append(content).append("</section>");
        }
    }

    private static String lead(Report report) {
        StringBuilder text = new StringBuilder(escape(report.job().state()));
        text.append(" · ").append(escape(report.request().path("method").path("name").asText()));
        if (report.plan() != null) {
            text.append(" · ").append(Figures.count(report.plan().achieved().parameters()))
                    .append(" parameters kept, ").append(Figures.percent(report.plan().achieved().share()));
        }
        return text.append(" · job ").append(escape(report.job().id())).toString();
    }

    static String comparison(Comparison table) {
        if (table.rows().isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder("<table><thead><tr><th></th>");
        table.subjects().forEach(s -> html.append("<th scope=\"col\">").append(escape(s)).append("</th>"));
        html.append("</tr></thead><tbody>");
        for (Comparison.Row row : table.rows()) {
            html.append("<tr><th scope=\"row\">").append(escape(row.label())).append("</th>");
            row.cells().forEach(cell -> html.append("<td>").append(escape(cell)).append("</td>"));
            html.append("</tr>");
        }
        return html.append("</tbody></table>").toString();
    }

    private static String recovery(Report.Recovery recovery) {
        if (recovery == null) {
            return "";
        }
        String verdict = recovery.accepted()
                ? "Validation loss improved; the recovered model is the result."
                : "Validation loss did not improve: the result is the pruned model without recovery.";
        String losses = recovery.validationBefore() == null || recovery.validationAfter() == null
                ? ""
                : " Validation loss " + Figures.significant(recovery.validationBefore()) + " before, "
                        + Figures.significant(recovery.validationAfter()) + " after.";
        return "<p>" + escape(verdict + losses) + "</p>" + Charts.losses(recovery);
    }

    private static String stages(List<Report.StageResult> stages) {
        StringBuilder html = new StringBuilder("<table><thead><tr><th>stage</th><th>tasks</th><th>attempts</th>"
                + "<th>queued</th><th>busy</th><th>wall</th><th>tokens/s</th><th>peak memory</th><th></th></tr></thead><tbody>");
        for (Report.StageResult s : stages) {
            html.append("<tr><th scope=\"row\">").append(escape(s.stage())).append("</th><td>").append(s.tasks())
                    .append("</td><td>").append(s.attempts()).append("</td><td>")
                    .append(Figures.seconds(s.queuedSeconds())).append("</td><td>")
                    .append(Figures.seconds(s.busySeconds())).append("</td><td>")
                    .append(Figures.seconds(s.wallSeconds())).append("</td><td>")
                    .append(s.tokensPerSecond() == null ? "" : Figures.significant(s.tokensPerSecond()))
                    .append("</td><td>").append(s.peakMemoryBytes() == null ? "" : Figures.bytes(s.peakMemoryBytes()))
                    .append("</td><td>").append(s.fromCache() ? "from cache. " : "")
                    .append(s.note() == null ? "" : escape(s.note())).append("</td></tr>");
        }
        return html.append("</tbody></table>").toString();
    }

    private static String environment(Report.Environment environment) {
        if (environment == null) {
            return "";
        }
        Map<String, String> rows = new TreeMap<>();
        put(rows, "device", environment.device());
        put(rows, "threads", environment.threads());
        put(rows, "engine", environment.engine());
        if (environment.versions() != null) {
            environment.versions().forEach((what, version) -> put(rows, "version of " + what, version));
        }
        if (environment.digests() != null) {
            environment.digests().forEach((what, digest) -> put(rows, "digest of " + what, digest));
        }
        StringBuilder html = new StringBuilder("<table><tbody>");
        rows.forEach((what, value) -> html.append("<tr><th scope=\"row\">").append(escape(what)).append("</th><td>")
                .append(escape(value)).append("</td></tr>"));
        return html.append("</tbody></table>").toString();
    }

    private static void put(Map<String, String> rows, String what, Object value) {
        if (value != null) {
            rows.put(what, value.toString());
        }
    }

    private static String pretty(Report report) {
        try {
            return JSON.writeValueAsString(report.request());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a parsed request can be written again", e);
        }
    }

    private static String style() {
        try (InputStream css = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
