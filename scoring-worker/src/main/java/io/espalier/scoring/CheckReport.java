package io.espalier.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.ExportFormat;
import io.espalier.model.export.ExportFormats;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.request.Latency;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.SliceMemory;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.WorkerMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What {@code ./espalier check} says: labels with a text or several, in order. Making one refuses what cannot work. */
final class CheckReport {
    private final ObjectNode lines = JsonNodeFactory.instance.objectNode();

    private CheckReport() {}

    static CheckReport ofModel(Path folder) throws IOException {
        CheckReport report = new CheckReport();
        ModelConfig config = ModelConfig.read(folder);
        report.model(folder, config, StoredSize.bytesPerParameter(folder));
        if (StoredSize.hasWeights(folder)) {
            try (Tokenizer tokenizer = Tokenizer.open(folder)) {
                report.tokenizer(tokenizer);
            }
        }
        return report;
    }

    static CheckReport ofRequest(Path folder, PruningRequest request) throws IOException, PermanentFailureException {
        ModelConfig config = ModelConfig.read(folder);
        double bytesPerParameter = StoredSize.bytesPerParameter(folder);
        var check = new RequestCheck(request, config, bytesPerParameter);
        check.run();
        CheckReport report = new CheckReport();
        report.model(folder, config, bytesPerParameter);
        if (StoredSize.hasWeights(folder)) {
            try (Tokenizer tokenizer = Tokenizer.open(folder)) {
                report.tokenizer(tokenizer);
                report.work(check);
                report.samples(tokenizer, check);
            }
        } else {
            report.work(check);
        }
        return report;
    }

    private void work(RequestCheck check) {
        plan(check);
        formats(check);
        scoring(check);
    }

    /** Of each label a text, or an array of texts. */
    ObjectNode json() {
        return lines.deepCopy();
    }

    /** For people: the label in front of the first text. */
    String text() {
        StringBuilder text = new StringBuilder();
        lines.properties().forEach(line -> {
            String label = line.getKey();
            for (JsonNode one : line.getValue().isArray() ? line.getValue() : List.of(line.getValue())) {
                text.append("%-12s %s%n".formatted(label, one.textValue()));
                label = "";
            }
        });
        return text.toString();
    }

    private void model(Path folder, ModelConfig config, double bytesPerParameter) throws IOException {
        String widths = config.layers().stream().distinct().map(CheckReport::widths).collect(Collectors.joining("; "));
        lines.put("model",
                folder + (StoredSize.hasWeights(folder) ? "" : " (no weights there: checked by its shapes)"));
        lines.put("family", "%s: %d layers, hidden size %d, heads of %d, vocabulary %d%s".formatted(
                config.family().modelType(), config.layers().size(), config.hiddenSize(), config.headDim(),
                config.vocabularySize(), config.tiedEmbeddings() ? ", tied embeddings" : ""));
        lines.put("layers", widths);
        lines.put("parameters", number(config.parameters()) + ", " + size(config.parameters() * bytesPerParameter)
                + " as " + config.dtype().torchName());
    }

    private static String widths(LayerShape layer) {
        return "%d query and %d key-value heads, %d channels".formatted(layer.queryHeads(), layer.kvHeads(),
                layer.channels());
    }

    private void plan(RequestCheck check) {
        lines.put("method", method(check.request().method().json()));
        if (check.request().targetsLatency()) {
            lines.put("target", latency(check.request().target().latency()));
            return;
        }
        long predicted = check.predictedParameters();
        double share = 100.0 * predicted / check.config().parameters();
        lines.put("pruned", String.format(Locale.ROOT, "%s parameters (%.2f %%), %s", number(predicted), share,
                size(predicted * check.bytesPerParameter())));
    }

    /** As the request has it, every default filled in. */
    private static String method(ObjectNode method) {
        String options = method.properties().stream().filter(option -> !option.getKey().equals("name"))
                .map(option -> option.getKey() + " " + option.getValue().asText(option.getValue().toString())).collect(
                        Collectors.joining(", "));
        return method.path("name").asText() + (options.isEmpty() ? "" : ": " + options);
    }

    private static String latency(Latency target) {
        String limit = target.relative()
                ? String.format(Locale.ROOT, "%.4g %% of the original's time", 100 * target.limit())
                : target.limit() + " ms";
        return "%s within %s: variants are timed first, on the worker that evaluates; how many parameters stay, and whether any plan is fast enough, is known only then"
                .formatted(target.phase().label(), limit);
    }

    private void formats(RequestCheck check) {
        boolean uniform = check.goal().constraints().uniform();
        int multiple = check.goal().constraints().channelMultiple();
        ArrayNode formats = lines.putArray("formats");
        for (ExportFormat format : ExportFormats.inOrder(check.request().output().formats())) {
            String advice = format.advice(check.config(), uniform, multiple);
            formats.add(advice.isEmpty() ? format.name() : format.name() + ": " + advice);
        }
    }

    private void scoring(RequestCheck check) {
        Scoring scoring = check.scoring();
        boolean reads = scoring.calibrated();
        int length = reads ? check.request().calibration().length() : 1;
        int samples = reads ? check.request().calibration().samples() : 0;
        Shards shards = Shards.of(check.config(), scoring, samples, length);
        String tasks = scoring.note() != null
                ? "one task: " + scoring.note()
                : shards.ofSamples() * shards.ofLayers() + " tasks";
        lines.put("scoring", scoring.sets() > 1 ? scoring.sets() + " sets, each " + tasks : tasks);
        MemoryPlan.Need need = MemoryPlan.Need.of(check.method(), check.options(), check.config(), samples, length);
        String range = "";
        if (shards.rangeStarts() != null) {
            lines.put("ranges", ranges(shards, check.config().layers().size()));
            range = largestRange(need, shards);
        }
        var slicing = new SliceMemory(check.method(), check.options(), check.config(), samples * scoring.sets(),
                length);
        MemoryPlan plan = MemoryPlan.fit(need, memory(), 1);
        lines.putArray("memory")
                .add(range + memory("scoring", plan, plan.resident() ? "all weights in memory" : "block by block",
                        "weights and gradients"))
                .add(slicing.repairs()
                        ? memory("slicing", slicing.fit(memory(), 1), "repairing weights block by block",
                                "weights and repair")
                        : memory("slicing", slicing.fit(memory(), 1), "tensor by tensor", "weights"));
    }

    private static String ranges(Shards shards, int layers) {
        return IntStream.range(0, shards.ofLayers())
                .mapToObj(i -> shards.rangeStarts().get(i) + ".." + (shards.rangeEnd(i, layers) - 1))
                .collect(Collectors.joining(", ", "layers ", ": they gain time where " + shards.ofLayers()
                        + " scoring workers are free at once; fewer take longer than one task would"));
    }

    /** On this machine. */
    private static String largestRange(MemoryPlan.Need need, Shards shards) {
        long memory = memory();
        int layers = need.config().layers().size();
        List<Optional<MemoryPlan>> plans = IntStream.range(0, shards.ofLayers()).mapToObj(i -> MemoryPlan
                .range(need, shards.rangeStarts().get(i), shards.rangeEnd(i, layers), memory)).toList();
        return plans.stream().allMatch(Optional::isPresent)
                ? "a range at most %s; alone, ".formatted(size(plans.stream()
                        .mapToLong(plan -> plan.orElseThrow().total()).max().orElseThrow()))
                : "a range does not fit into a worker of this size and is scored alone (leave method.layerRanges out); ";
    }

    /** This machine's, as its workers would plan. */
    private static long memory() {
        return WorkerMemory.bytes(Settings.fromEnv(System.getenv()));
    }

    private static String memory(String stage, MemoryPlan plan, String how, String blocks) {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("process", plan.process());
        parts.put(blocks, plan.blocks());
        parts.put("next block", plan.ahead());
        parts.put("activations", plan.activations());
        parts.put("between blocks", plan.boundaries());
        parts.put("head", plan.head());
        return "%s about %s, %s: %s".formatted(stage, size(plan.total()), how,
                parts.entrySet().stream().filter(part -> part.getValue() > 0)
                        .map(part -> part.getKey() + " " + size(part.getValue())).collect(Collectors.joining(", ")));
    }

    private void tokenizer(Tokenizer tokenizer) {
        lines.put("tokenizer", switch (tokenizer.bosRule()) {
            case ALWAYS -> "BOS in front of every text (add_bos_token)";
            case NEVER -> "no BOS (add_bos_token)";
            case POST_PROCESSOR -> "BOS as its post-processor says";
        });
    }

    /** Draws the samples, as PREPARE will, to find out whether the text is enough. */
    private void samples(Tokenizer tokenizer, RequestCheck check) throws PermanentFailureException {
        if (check.scoring().calibrated()) {
            var calibration = check.request().calibration();
            TextSource text = TextSource.read(Locations.path("calibration.text", calibration.text()));
            int drawn = new CalibrationSets(tokenizer, text, calibration, check.scoring()).sets(0).length;
            lines.put("samples", drawn + " of " + calibration.length() + " tokens from " + calibration.text());
        }
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String size(double bytes) {
        return bytes >= 1 << 30
                ? String.format(Locale.ROOT, "%.2f GiB", bytes / (1 << 30))
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (1 << 20));
    }
}
