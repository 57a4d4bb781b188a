package io.espalier.gpu.export;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.export.ExportFormat;
import io.espalier.model.export.ExportFormats;
import io.espalier.model.weights.Checkpoint;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** REPORT: writes the result folder of contracts.md: the checkpoint with its card and checksums, and the reports. */
public final class ExportHandler implements TaskHandler<Work.Export> {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final Pattern LICENSE_LINE = Pattern.compile("(?m)^license:\\s*(\\S+)\\s*$");

    @Override
    public TaskResult run(Work.Export work, TaskContext context) throws Exception {
        Path target = Locations.path("output.location", work.location());
        ObjectNode document = complete(work, context.artifacts());
        Report report = JSON.treeToValue(document, Report.class);
        String result = report.models().containsKey("recovered") && isRecovered(report) ? "recovered" : "pruned";
        Path checkpoint = Locations.model(work.model(), context.artifacts());
        try (ResultFolder folder = ResultFolder.stage(target)) {
            Path model = Files.createDirectory(folder.path().resolve("model"));
            copy(checkpoint, model, context);
            writeFormats(work.formats(), model);
            Optional<String> license = license(work.original(), model);
            Files.writeString(model.resolve("README.md"),
                    ModelCard.of(report, result, uniform(model), license.orElse(null)));
            writeChecksums(model);
            JSON.writeValue(folder.path().resolve(ResultFolder.MARK).toFile(), document);
            Files.writeString(folder.path().resolve("report.html"), HtmlReport.of(report));
            new EvaluationFiles(report, work.samples(), context.artifacts()).write(folder.path(), result);
            context.progress(1, null);
            folder.publish();
        } catch (IOException e) {
            throw new IOException("output.location " + target + " cannot be written: " + e.getMessage(), e);
        }
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        return new TaskResult(Map.of(), facts.put("location", target.toString()));
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

    private static void copy(Path from, Path to, TaskContext context) throws IOException, InterruptedException {
        List<Path> files = ResultFolder.regularFiles(from);
        long done = 0;
        for (Path file : files) {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            ResultFolder.copy(file, copy);
            done++;
            context.progress(0.9 * done / files.size(), file.getFileName().toString());
        }
    }

    /** Opening the copy also checks that it is whole: the plain format needs nothing more. */
    private static void writeFormats(List<String> formats, Path model) throws IOException, PermanentFailureException {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            for (String format : formats) {
                Optional<ExportFormat> writer = ExportFormats.of(format);
                if (writer.isPresent()) {
                    writer.get().write(checkpoint, model);
                }
            }
        } catch (UnsupportedModelException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        }
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

    /** Whether every layer has the same widths: only then can config.json alone describe the model. */
    private static boolean uniform(Path model) throws IOException {
        Path manifest = model.resolve("pruning_manifest.json");
        if (Files.notExists(manifest)) {
            return true;
        }
        Set<List<Integer>> widths = new HashSet<>();
        for (JsonNode layer : JSON.readTree(manifest.toFile()).path("layers")) {
            widths.add(List.of(layer.path("kvGroups").asInt(), layer.path("queryHeads").asInt(),
                    layer.path("channels").asInt()));
        }
        return widths.size() <= 1;
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
