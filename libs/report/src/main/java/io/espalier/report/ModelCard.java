package io.espalier.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** README.md of the written checkpoint: what was removed, how it compares, how to load it, how to make it again. */
public final class ModelCard {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ModelCard() {}

    /**
     * @param result  which model of the report the checkpoint is: {@code pruned} or {@code recovered}
     * @param license SPDX id of the original, null if its folder does not tell
     */
    public static String of(Report report, String result, String license) {
        String base = base(report);
        String method = report.request().path("method").path("name").asText();
        StringBuilder card = new StringBuilder(CardMetadata.of(report, result, base, license));
        card.append("# ").append(base).append(", pruned\n\n");
        summary(card, report, result, base, method);
        comparison(card, report);
        layers(card, report.plan());
        card.append(LoadingHelp.of(report.exports() == null ? List.of() : report.exports()));
        card.append("## Made by\n\nEspalier, with this request:\n\n```json\n").append(pretty(report)).append("\n```\n");
        return card.toString();
    }

    private static String base(Report report) {
        return Path.of(report.request().path("model").asText("model")).getFileName().toString();
    }

    private static void summary(StringBuilder card, Report report, String result, String base, String method) {
        Report.ModelResult original = report.models().get("original");
        Report.ModelResult model = report.models().get(result);
        card.append("Structured pruning of `").append(base).append("` with the method `").append(method).append('`');
        if (original != null && model != null && original.parameters() != null && model.parameters() != null) {
            card.append(": ").append(Figures.count(model.parameters())).append(" of ")
                    .append(Figures.count(original.parameters())).append(" parameters are kept (")
                    .append(Figures.percent((double) model.parameters() / original.parameters())).append(')');
        }
        card.append(result.equals("recovered") ? ", then recovered with LoRA, merged into the weights.\n\n" : ".\n\n");
    }

    private static void comparison(StringBuilder card, Report report) {
        card.append("## Before and after\n\n");
        Comparison table = Comparison.of(report);
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(table.subjects());
        card.append("| ").append(String.join(" | ", head)).append(" |\n|").append("---|".repeat(head.size()))
                .append('\n');
        for (Comparison.Row row : table.rows()) {
            card.append("| ").append(row.label()).append(" | ").append(String.join(" | ", row.cells())).append(" |\n");
        }
        card.append(
                "\nPerplexities are by the protocol in their name: whole text tokenised once, segments of that many "
                        + "tokens without overlap, tail dropped. Numbers of different protocols cannot be compared.\n\n");
    }

    private static void layers(StringBuilder card, Report.Plan plan) {
        if (plan == null) {
            return;
        }
        card.append("## What is left of each layer\n\n| layer | query heads | key-value heads | MLP channels |\n"
                + "|---|---|---|---|\n");
        plan.layers().forEach(layer -> card.append("| ").append(layer.layer()).append(" | ").append(layer.queryHeads())
                .append(" | ").append(layer.kvGroups()).append(" | ").append(layer.channels()).append(" |\n"));
        card.append("\nThe kept indices stand in `pruning_manifest.json`.\n\n");
    }

    private static String pretty(Report report) {
        try {
            return JSON.writeValueAsString(report.request());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a parsed request can be written again", e);
        }
    }
}
