package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Reports of jobs that differ in method and target, as one table: a line for each method, columns for each target.
 *
 * @param model   name of the folder
 * @param reports of one model, by one perplexity protocol, targets as shares of the parameters
 */
record MethodsTable(String model, List<Report> reports) {
    private static final String SHARE = "%.1f %%";

    /** @param results by target, as people read it */
    record Row(String method, Map<String, Found> results) {}

    /**
     * @param busySeconds of all workers together
     * @param peakBytes   of the largest worker process, 0 where none was told
     */
    record Found(long parameters, double share, double perplexity, double busySeconds, long peakBytes) {}

    MethodsTable {
        reports = List.copyOf(reports);
    }

    /** In the order in which methods first came. */
    List<Row> rows() {
        Map<String, Map<String, Found>> byMethod = new LinkedHashMap<>();
        reports.forEach(report -> byMethod.computeIfAbsent(method(report), _ -> new LinkedHashMap<>()).put(target(
                report), found(report)));
        return byMethod.entrySet().stream().map(entry -> new Row(entry.getKey(), entry.getValue())).toList();
    }

    double originalPerplexity() {
        return perplexity(reports.getFirst(), "original");
    }

    String digest() {
        return reports.getFirst().environment().digests().getOrDefault("model", "");
    }

    String markdown() {
        List<String> targets = reports.stream().map(MethodsTable::target).distinct().toList();
        StringBuilder text = new StringBuilder("| method |");
        targets.forEach(target -> text.append(" parameters at ").append(target).append(" | perplexity | busy |"));
        text.append(" peak memory of a worker |\n|---|").append("---|".repeat(3 * targets.size() + 1)).append('\n');
        for (Row row : rows()) {
            text.append("| ").append(row.method()).append(" |");
            targets.forEach(target -> text.append(cells(row.results().get(target))));
            long peak = row.results().values().stream().mapToLong(Found::peakBytes).max().orElse(0);
            text.append(' ').append(peak == 0 ? "" : Figures.bytes(peak)).append(" |\n");
        }
        return text.append('\n').append(provenance()).toString();
    }

    private String provenance() {
        return "Original: " + Figures.count(reports.getFirst().models().get("original").parameters())
                + " parameters, perplexity " + Figures.significant(originalPerplexity()) + " (" + protocol(reports
                        .getFirst())
                + "); model digest `" + digest() + "`; seeds " + seeds() + ".\n";
    }

    private String seeds() {
        TreeSet<String> seeds = new TreeSet<>();
        reports.forEach(report -> seeds.add(report.request().at("/calibration/seed").asText()));
        return String.join(", ", seeds);
    }

    private static String cells(Found found) {
        if (found == null) {
            return " | | |";
        }
        return " " + Figures.count(found.parameters()) + " (" + String.format(Locale.ROOT, SHARE, 100 * found.share())
                + ") | " + Figures.significant(found.perplexity()) + " | " + seconds(found.busySeconds()) + " |";
    }

    static String seconds(double seconds) {
        return Figures.seconds(seconds);
    }

    private static Found found(Report report) {
        return new Found(report.plan().achieved().parameters(), report.plan().achieved().share(), perplexity(report,
                report.result()), report.stages().stream().mapToDouble(Report.StageResult::busySeconds).sum(),
                report
                        .stages().stream().map(Report.StageResult::peakMemoryBytes).filter(Objects::nonNull)
                        .mapToLong(Long::longValue).max().orElse(0));
    }

    private static double perplexity(Report report, String subject) {
        return report.models().get(subject).perplexity().get(protocol(report));
    }

    private static String protocol(Report report) {
        return report.models().get("original").perplexity().keySet().iterator().next();
    }

    private static String method(Report report) {
        JsonNode method = report.request().path("method");
        List<String> words = new ArrayList<>(List.of(method.path("name").asText()));
        if (method.has("criterion")) {
            words.add(method.get("criterion").asText());
        }
        return String.join(" ", words);
    }

    private static String target(Report report) {
        return Math.round(100 * report.request().at("/target/parameters").asDouble()) + " %";
    }
}
