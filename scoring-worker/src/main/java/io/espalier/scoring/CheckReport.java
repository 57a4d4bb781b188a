package io.espalier.scoring;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.ExportFormats;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.request.Latency;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.Scoring;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.WorkerMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The lines of {@code ./espalier check}: label and text, in order. Making one refuses what cannot work. */
final class CheckReport {
    private final Map<String, String> lines = new LinkedHashMap<>();

    private CheckReport() {}

    static CheckReport ofModel(Path folder) throws IOException {
        CheckReport report = new CheckReport();
        report.model(folder, ModelConfig.read(folder), StoredSize.bytesPerParameter(folder));
        return report;
    }

    static CheckReport ofRequest(Path folder, PruningRequest request) throws IOException, PermanentFailureException {
        ModelConfig config = ModelConfig.read(folder);
        double bytesPerParameter = StoredSize.bytesPerParameter(folder);
        var check = new RequestCheck(request, config, bytesPerParameter);
        check.run();
        CheckReport report = new CheckReport();
        report.model(folder, config, bytesPerParameter);
        report.plan(check);
        report.formats(check);
        report.scoring(check);
        if (StoredSize.hasWeights(folder)) {
            report.samples(folder, check);
        }
        return report;
    }

    Map<String, String> lines() {
        return Collections.unmodifiableMap(lines);
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
        lines.put("method", check.request().method().json().toString());
        if (check.request().targetsLatency()) {
            lines.put("target", latency(check.request().target().latency()));
            return;
        }
        long predicted = check.predictedParameters();
        double share = 100.0 * predicted / check.config().parameters();
        lines.put("pruned", String.format(Locale.ROOT, "%s parameters (%.2f %%), %s", number(predicted), share,
                size(predicted * check.bytesPerParameter())));
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
        lines.put("formats", ExportFormats.inOrder(check.request().output().formats()).stream().map(format -> {
            String advice = format.advice(check.config(), uniform, multiple);
            return advice.isEmpty() ? format.name() : format.name() + " (" + advice + ")";
        }).collect(Collectors.joining("; ")));
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
        lines.put("memory",
                memory(MemoryPlan.Need.of(check.method(), check.options(), check.config(), samples, length)));
    }

    /** With this machine's memory, as its workers would plan. */
    private static String memory(MemoryPlan.Need need) {
        MemoryPlan plan = MemoryPlan.fit(need, WorkerMemory.bytes(Settings.fromEnv(System.getenv())), 1);
        return "scoring about %s, %s: weights and gradients %s, next block %s, activations %s, between blocks %s, head %s, process %s"
                .formatted(size(plan.total()), plan.resident() ? "all weights in memory" : "block by block",
                        size(plan.blocks()), size(plan.ahead()), size(plan.activations()), size(plan.boundaries()),
                        size(plan.head()),
                        size(plan.process()));
    }

    /** Draws the samples, as PREPARE will, to find out whether the text is enough. */
    private void samples(Path folder, RequestCheck check) throws PermanentFailureException {
        if (check.scoring().calibrated()) {
            var calibration = check.request().calibration();
            try (Tokenizer tokenizer = Tokenizer.open(folder)) {
                TextSource text = TextSource.read(Locations.path("calibration.text", calibration.text()));
                int drawn = new CalibrationSets(tokenizer, text, calibration, check.scoring()).sets(0).length;
                lines.put("samples", drawn + " of " + calibration.length() + " tokens from " + calibration.text());
            }
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
