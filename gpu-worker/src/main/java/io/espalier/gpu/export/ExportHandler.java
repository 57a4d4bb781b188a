package io.espalier.gpu.export;

import ai.djl.Device;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.export.ExportFormats;
import io.espalier.model.text.TokenFile;
import io.espalier.model.weights.ContentDigest;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.report.ModelCard;
import io.espalier.report.Report;
import io.espalier.report.html.HtmlReport;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** REPORT: writes the result folder of contracts.md: the checkpoint with its card and checksums, and the reports. */
public final class ExportHandler implements TaskHandler<Work.Export> {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final int LOAD_CHECK_TOKENS = 32;
    private static final Pattern LICENSE_LINE = Pattern.compile("(?m)^license:\\s*(\\S+)\\s*$");

    private final Device device;

    public ExportHandler(Device device) {
        this.device = device;
    }

    @Override
    public TaskResult run(Work.Export work, TaskContext context) throws Exception {
        Path target = Locations.path("output.location", work.location());
        ObjectNode document = complete(work, context.artifacts());
        List<Report.Export> exports;
        try (ResultFolder folder = ResultFolder.stage(target)) {
            Path model = Files.createDirectory(folder.path().resolve("model"));
            exports = export(work, model, context);
            document.set("exports", JSON.valueToTree(exports));
            writeReports(work, document, folder.path(), context.artifacts());
            writeChecksums(model);
            context.progress(1, null);
            folder.publish();
        } catch (IOException e) {
            throw new IOException("output.location " + target + " cannot be written: " + e.getMessage(), e);
        }
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("location", target.toString());
        facts.set("exports", JSON.valueToTree(exports));
        return new TaskResult(Map.of(), facts);
    }

    private List<Report.Export> export(Work.Export work, Path model, TaskContext context)
            throws IOException, InterruptedException, PermanentFailureException {
        Path checkpoint = Locations.model(work.model(), context.artifacts());
        try {
            var exports = new Exports(checkpoint, tokens(work, checkpoint, context.artifacts()), device);
            return exports.write(ExportFormats.inOrder(work.formats()), model, context::progress);
        } catch (UnsupportedModelException | InvalidCheckpointException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        }
    }

    /** The first calibration tokens; where a method needs no data, some from all over the vocabulary. */
    private static int[] tokens(Work.Export work, Path checkpoint, ArtifactStore artifacts) throws IOException {
        ModelConfig config = ModelConfig.read(checkpoint);
        int length = Math.min(LOAD_CHECK_TOKENS, config.maxPositions());
        if (work.calibration() == null) {
            return IntStream.range(0, length)
                    .map(i -> (int) ((long) config.vocabularySize() * (2 * i + 1) / (2 * length))).toArray();
        }
        int[] sample = TokenFile.read(artifacts.file(work.calibration()))[0];
        return Arrays.copyOf(sample, Math.min(length, sample.length));
    }

    private static void writeReports(Work.Export work, ObjectNode document, Path folder, ArtifactStore artifacts)
            throws IOException, PermanentFailureException {
        Report report = JSON.treeToValue(document, Report.class);
        String result = report.models().containsKey("recovered") && isRecovered(report) ? "recovered" : "pruned";
        Path model = folder.resolve("model");
        Optional<String> license = license(work.original(), model);
        Files.writeString(model.resolve("README.md"), ModelCard.of(report, result, license.orElse(null)));
        JSON.writeValue(folder.resolve(ResultFolder.MARK).toFile(), document);
        Files.writeString(folder.resolve("report.html"), HtmlReport.of(report));
        new EvaluationFiles(report, work.samples(), artifacts).write(folder, result);
    }

    /** The coordinator's report with the lists of kept units, which are too long for an event. */
    private static ObjectNode complete(Work.Export work, ArtifactStore artifacts) throws IOException {
        ObjectNode document = work.report().deepCopy();
        if (work.plan() != null) {
            JsonNode layers = JSON.readTree(artifacts.file(work.plan()).toFile()).path("layers");
            document.withObject("/plan").set("layers", layers);
        }
        return document;
    }

    private static boolean isRecovered(Report report) {
        return report.recovery() != null && report.recovery().accepted();
    }

    /** Copies the licence text that lies beside the original; its id comes from the original's model card. */
    private static Optional<String> license(ModelSource original, Path model)
            throws IOException, PermanentFailureException {
        if (!(original instanceof ModelSource.Folder source)) {
            return Optional.empty();
        }
        Path folder = Locations.path("model", source.location());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.getFileName().toString().toUpperCase().startsWith("LICENSE"))
                    .toList()) {
                Path copy = model.resolve(file.getFileName().toString());
                if (Files.notExists(copy)) {
                    ResultFolder.copy(file, copy);
                }
            }
        }
        Path card = folder.resolve("README.md");
        return Files.isRegularFile(card)
                ? LICENSE_LINE.matcher(Files.readString(card)).results().map(m -> m.group(1)).findFirst()
                : Optional.empty();
    }

    /** SHA256SUMS in the form that {@code sha256sum -c} reads. */
    private static void writeChecksums(Path model) throws IOException {
        StringBuilder sums = new StringBuilder();
        for (Path file : ResultFolder.regularFiles(model)) {
            sums.append(ContentDigest.ofFile(file)).append("  ").append(model.relativize(file)).append('\n');
        }
        Files.writeString(model.resolve("SHA256SUMS"), sums);
    }
}
