package io.espalier.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * The YAML in front of a model card, as the Hugging Face hub reads it. It has no word for a pruned model: the relation is
 * {@code finetune}, the tag says what it is.
 *
 * @see <a href="https://huggingface.co/docs/hub/model-cards#model-card-metadata">its keys</a>
 */
final class CardMetadata {
    private static final ObjectMapper JSON = new ObjectMapper();

    private CardMetadata() {}

    static String of(Report report, String result, String base, String license) {
        StringBuilder yaml = new StringBuilder("---\nbase_model: ").append(quoted(base))
                .append("\nbase_model_relation: finetune\n");
        if (license != null) {
            yaml.append("license: ").append(license).append('\n');
        }
        yaml.append("library_name: transformers\npipeline_tag: text-generation\n")
                .append("tags: [pruned, structured-pruning, ")
                .append(quoted(report.request().path("method").path("name").asText())).append("]\n");
        results(yaml, report, result);
        return yaml.append("---\n\n").toString();
    }

    private static void results(StringBuilder yaml, Report report, String result) {
        Report.ModelResult model = report.models().get(result);
        if (model == null || model.perplexity().isEmpty() && model.tasks().isEmpty()) {
            return;
        }
        String name = report.job().name() == null ? report.job().id() : report.job().name();
        yaml.append("model-index:\n- name: ").append(quoted(name)).append("\n  results:\n");
        model.perplexity().forEach((protocol, value) -> result(yaml, protocol.replaceFirst("@.*", ""), "perplexity",
                "perplexity " + protocol, value));
        model.tasks().forEach((task, figures) -> {
            if (figures.acc() != null) {
                result(yaml, task, "acc", task + " acc", figures.acc());
            }
            if (figures.accNorm() != null) {
                result(yaml, task, "acc_norm", task + " acc_norm", figures.accNorm());
            }
        });
    }

    private static void result(StringBuilder yaml, String dataset, String type, String name, double value) {
        yaml.append("  - task: {type: text-generation}\n    dataset: {name: ").append(quoted(dataset))
                .append(", type: ")
                .append(quoted(dataset)).append("}\n    metrics:\n    - {type: ").append(type).append(", name: ")
                .append(quoted(name)).append(", value: ").append(value).append("}\n");
    }

    /** JSON strings are YAML strings, whatever stands in them. */
    private static String quoted(String text) {
        try {
            return JSON.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a string can be written", e);
        }
    }
}
