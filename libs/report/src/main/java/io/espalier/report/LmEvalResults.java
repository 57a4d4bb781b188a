package io.espalier.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.TreeMap;

/**
 * results_lm_eval.json: a model's evaluation in the layout of lm-evaluation-harness ({@code metric,filter} keys), so that
 * scripts written for the harness read it. Only its own tasks appear: our perplexities of segments follow other protocols
 * than its {@code wikitext} and must not be mistaken for it; they stand under {@code espalier_perplexity}.
 */
public final class LmEvalResults {
    private static final String ORIGINAL = "original";

    private final Report report;
    private final String subject;
    private final Report.ModelResult model;
    private final ObjectNode root = JsonNodeFactory.instance.objectNode();

    private LmEvalResults(Report report, String subject, Report.ModelResult model) {
        this.report = report;
        this.subject = subject;
        this.model = model;
    }

    /** @param subject which model of the report: {@code original}, {@code pruned} or {@code recovered} */
    public static ObjectNode of(Report report, String subject) {
        Report.ModelResult model = report.models().get(subject);
        if (model == null) {
            throw new IllegalArgumentException("the report has no model '" + subject + "', only "
                    + report.models().keySet());
        }
        return new LmEvalResults(report, subject, model).write();
    }

    private ObjectNode write() {
        for (String key : new String[]{"results", "group_subtasks", "configs", "versions", "n-shot",
            "higher_is_better", "n-samples"}) {
            root.putObject(key);
        }
        new TreeMap<>(model.tasks()).forEach(this::task);
        config(root.putObject("config"));
        root.put("model_source", "espalier").put("model_name", modelName());
        root.put("model_name_sanitized", modelName().replaceAll("[^A-Za-z0-9_.-]", "__"));
        date();
        ObjectNode perplexity = root.putObject("espalier_perplexity");
        new TreeMap<>(model.perplexity()).forEach(perplexity::put);
        return root;
    }

    private void task(String name, Report.TaskResult task) {
        boolean choice = task.acc() != null;
        at("results").set(name, choice ? choice(name, task) : rolling(name, task));
        at("group_subtasks").putArray(name);
        at("configs").putObject(name).put("task", name).put("num_fewshot", 0).put("output_type", choice
                ? "multiple_choice"
                : "loglikelihood_rolling");
        JsonNode version = report.protocols() == null
                ? null
                : report.protocols().path("tasks").path(name).get("version");
        at("versions").put(name, version == null ? null : version.asDouble());
        at("n-shot").put(name, 0);
        ObjectNode better = at("higher_is_better").putObject(name);
        at("results").get(name).fieldNames().forEachRemaining(metric -> {
            if (metric.endsWith(",none") && !metric.contains("_stderr")) {
                better.put(metric.replace(",none", ""), choice);
            }
        });
        at("n-samples").putObject(name).put("original", task.n()).put("effective", task.n());
    }

    private ObjectNode at(String key) {
        return (ObjectNode) root.get(key);
    }

    private static ObjectNode choice(String name, Report.TaskResult task) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("alias", name).put("sample_len", task.n());
        metric(node, "acc", task.acc(), task.accStderr());
        metric(node, "acc_norm", task.accNorm(), task.accNormStderr());
        metric(node, "acc_bytes", task.accBytes(), task.accBytesStderr());
        return node;
    }

    /** The harness knows no standard errors of weighted perplexities. */
    private static ObjectNode rolling(String name, Report.TaskResult task) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("alias", name).put("sample_len", task.n());
        metric(node, "word_perplexity", task.wordPerplexity(), null);
        metric(node, "byte_perplexity", task.bytePerplexity(), null);
        metric(node, "bits_per_byte", task.bitsPerByte(), null);
        return node;
    }

    private static void metric(ObjectNode node, String name, Double value, Double stderr) {
        if (value != null) {
            node.put(name + ",none", value);
            if (stderr == null) {
                node.put(name + "_stderr,none", "N/A");
            } else {
                node.put(name + "_stderr,none", stderr);
            }
        }
    }

    private void config(ObjectNode config) {
        config.put("model", "espalier").put("model_args", "pretrained=" + pretrained());
        config.put("model_num_parameters", model.parameters()).put("model_dtype",
                "torch." + report.request().path("evaluation").path("dtype").asText("float32"));
        config.put("device", report.environment() == null ? null : report.environment().device());
        config.putNull("limit");
        config.put("bootstrap_iters", 0);
    }

    /** Where the model lies; one that only led to the result is told apart from the original it was made of. */
    private String pretrained() {
        String original = report.request().path("model").asText();
        if (subject.equals(ORIGINAL)) {
            return original;
        }
        String location = report.request().path("output").path("location").asText();
        return subject.equals(report.result()) && !location.isEmpty()
                ? location + "/model"
                : original + ",espalier=" + subject;
    }

    /** Seconds since 1970, as the harness has it. */
    private void date() {
        if (report.job().finishedAt() != null) {
            try {
                root.put("date", Instant.parse(report.job().finishedAt()).toEpochMilli() / 1000.0);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException("job.finishedAt: '" + report.job().finishedAt()
                        + "' is no time", e);
            }
        }
    }

    private String modelName() {
        String name = report.job().name() == null ? report.job().id() : report.job().name();
        return name + "-" + subject;
    }
}
