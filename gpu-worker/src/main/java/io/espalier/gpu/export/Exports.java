package io.espalier.gpu.export;

import ai.djl.Device;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.ExportFormat;
import io.espalier.model.export.LoadCheck;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import io.espalier.pruning.method.Progress;
import io.espalier.report.Report;
import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Writes every format of a result and proves each: what was written is read back, one block at a time, and its logits are
 * compared with those of the model it was made of.
 *
 * @param checkpoint the finished model
 * @param tokens     on which both are run
 */
record Exports(Path checkpoint, int[] tokens, Device device) {
    /**
     * @param formats the first of which lies in {@code model} itself
     * @throws PermanentFailureException where what was written computes something else
     */
    List<Report.Export> write(List<ExportFormat> formats, Path model, Progress progress)
            throws IOException, PermanentFailureException, InterruptedException {
        float[][] expected = logits(Model.streamed(checkpoint, device));
        var exports = new ArrayList<Report.Export>();
        for (ExportFormat format : formats) {
            progress.at(0.9 * exports.size() / formats.size(), "writing " + format.name());
            boolean own = format.isFolder() && !exports.isEmpty();
            Path folder = own ? Files.createDirectory(model.resolve(format.name())) : model;
            Set<Path> before = new HashSet<>(ResultFolder.regularFiles(model));
            ModelConfig config = write(format, folder);
            LoadCheck check = LoadCheck.of(expected, logits(format.open(folder, config, device)));
            require(format, config, check);
            List<Path> files = ResultFolder.regularFiles(model).stream().filter(f -> !before.contains(f)).toList();
            exports.add(describe(format, config, files, model, check));
        }
        return exports;
    }

    private ModelConfig write(ExportFormat format, Path folder) throws IOException {
        try (Checkpoint source = Checkpoint.open(checkpoint)) {
            format.write(source, folder);
            return source.config();
        }
    }

    private float[][] logits(Model opened) {
        try (Model model = opened) {
            return LoadCheck.logits(model, tokens);
        }
    }

    private static void require(ExportFormat format, ModelConfig config, LoadCheck check)
            throws PermanentFailureException {
        if (!(check.relativeError() <= format.tolerance(config))) {
            throw new PermanentFailureException(String.format(Locale.ROOT, "output.formats: %s was written and read "
                    + "back, but does not compute what the model computes: its logits differ by up to %.3g (relative "
                    + "error %.3g, at most %.3g is allowed). Nothing was put into output.location", format.name(),
                    check.maxAbsLogitDifference(), check.relativeError(), format.tolerance(config)));
        }
    }

    private Report.Export describe(ExportFormat format, ModelConfig config, List<Path> files, Path model,
            LoadCheck check) throws IOException {
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        String note = format.note(config);
        return new Report.Export(format.name(), files.stream().map(f -> model.relativize(f).toString()).toList(), bytes,
                note.isEmpty() ? null : note, new Report.LoadCheck(check.maxAbsLogitDifference(),
                        check.top1Agreement(), check.relativeError(), format.tolerance(config), tokens.length));
    }
}
