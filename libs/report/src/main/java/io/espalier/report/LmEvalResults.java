package io.espalier.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;

/**
 * results_lm_eval.json: the evaluation of the result in the layout of lm-evaluation-harness ({@code metric,filter}
 * keys), so that scripts written for the harness read it. Only zero-shot tasks appear: our perplexities follow other
 * protocols than the harness's {@code wikitext} task and must not be mistaken for it; they stand under
 * {@code espalier_perplexity}.
 */
public final class LmEvalResults {
    /** The harness's task versions whose prompts and metrics we reproduce. */
    private static final Map<String, Double> VERSIONS = Map.of("boolq", 2.0, "piqa", 1.0, "hellaswag", 1.0,
            "winogrande", 1.0, "arc_easy", 1.0, "arc_challenge", 1.0, "openbookqa", 1.0);

    private LmEvalResults() {}

    /** @param subject which model of the report: {@code original}, {@code pruned} or {@code recovered} */
    public static ObjectNode of(Report report, String subject) {
        Report.ModelResult model = report.models().get(subject);
        if (model == null) {
            throw new IllegalArgumentException("the report has no model '" + subject + "', only "
                    + report.models().keySet());
        }
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode results = root.putObject("results");
        ObjectNode groups = root.putObject("group_subtasks");
        ObjectNode configs = root.putObject("configs");
        ObjectNode versions = root.putObject("versions");
        ObjectNode shots = root.putObject("n-shot");
        ObjectNode higher = root.putObject("higher_is_better");
        ObjectNode samples = root.putObject("n-samples");
        new TreeMap<>(model.tasks()).forEach((name, task) -> {
            results.set(name, metrics(name, task));
            groups.putArray(name);
            configs.putObject(name).put("task", name).put("num_fewshot", 0).put("output_type", "multiple_choice");
            versions.put(name, VERSIONS.getOrDefault(name, 1.0));
            shots.put(name, 0);
            ObjectNode better = higher.putObject(name).put("acc", true);
            if (task.accNorm() != null) {
                better.put("acc_norm", true);
            }
            samples.putObject(name).put("original", task.n()).put("effective", task.n());
        });
        config(report, model, root.putObject("config"));
        root.put("model_source", "espalier").put("model_name", modelName(report, subject));
        root.put("model_name_sanitized", modelName(report, subject).replaceAll("[^A-Za-z0-9_.-]", "__"));
        ObjectNode perplexity = root.putObject("espalier_perplexity");
        new TreeMap<>(model.perplexity()).forEach(perplexity::put);
        return root;
    }

    private static ObjectNode metrics(String name, Report.TaskResult task) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("alias", name).put("sample_len", task.n());
        node.put("acc,none", task.acc()).put("acc_stderr,none", task.accStderr());
        if (task.accNorm() != null) {
            node.put("acc_norm,none", task.accNorm());
            if (task.accNormStderr() != null) {
                node.put("acc_norm_stderr,none", task.accNormStderr());
            }
        }
        return node;
    }

    private static void config(Report report, Report.ModelResult model, ObjectNode config) {
        config.put("model", "espalier").put("model_args", "pretrained=" + report.request().path("model").asText());
        config.put("model_num_parameters", model.parameters());
        config.put("device", report.environment() == null ? null : report.environment().device());
        config.putNull("limit");
        config.put("bootstrap_iters", 0);
    }

    private static String modelName(Report report, String subject) {
        String name = report.job().name() == null ? report.job().id() : report.job().name();
        return name + "-" + subject;
    }
}
