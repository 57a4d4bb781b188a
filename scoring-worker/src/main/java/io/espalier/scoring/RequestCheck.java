package io.espalier.scoring;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.ExportFormats;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Refuses what cannot work before any work is done: every message names the key, its value and what would do. From
 * shapes alone; weights and texts are read by {@link PrepareHandler}.
 *
 * @param bytesPerParameter of the checkpoint as stored
 */
record RequestCheck(PruningRequest request, ModelConfig config, double bytesPerParameter) {
    PruningMethod method() {
        return Methods.named(request.method().name());
    }

    MethodOptions options() {
        return Translation.options(request.method());
    }

    ModelShape shape() {
        return ModelShape.of(config);
    }

    PruningGoal goal() {
        return Translation.goal(request, shape(), bytesPerParameter);
    }

    Scoring scoring() {
        return method().scoring(options());
    }

    /** Size of the pruned model as far as it can be known. */
    long predictedParameters() {
        return method().predictedParameters(shape(), goal(), options());
    }

    /** @throws IllegalArgumentException for what the model does not allow */
    void run() throws PermanentFailureException {
        goal().check(shape());
        method().check(shape(), goal(), options());
        if (scoring().calibrated()) {
            checkLength("calibration.length", request.calibration().length());
        }
        for (int i = 0; i < perplexities().size(); i++) {
            checkLength("evaluation.perplexity[" + i + "].length", perplexities().get(i).length());
        }
        ExportFormats.check(request.output().formats(), prospect(), Locations.path("model", request.model()));
        checkFiles();
    }

    /** What is known of the result before anything is scored: whether its heads are whole. */
    private ModelConfig prospect() {
        if (method().keepsWholeHeads(options())) {
            return config;
        }
        List<Integer> half = IntStream.range(0, config.headDim()).filter(dim -> dim % 2 == 0).boxed().toList();
        return config.withLayers(config.layers().stream().map(layer -> new LayerShape(layer.queryHeads(),
                layer.kvHeads(), layer.channels(), Collections.nCopies(layer.kvHeads(), half))).toList());
    }

    private void checkLength(String key, int length) {
        if (length > config.maxPositions()) {
            throw new IllegalArgumentException(key + ": " + length + " is more than the " + config.maxPositions()
                    + " positions of this model; give at most that");
        }
    }

    private void checkFiles() throws PermanentFailureException {
        if (scoring().calibrated()) {
            if (request.calibration().text() == null) {
                throw new IllegalArgumentException("calibration.text: method " + request.method().name()
                        + " needs sample text, and none is given; name a file");
            }
            checkReadable("calibration.text", request.calibration().text());
        }
        if (request.recovery() != null) {
            checkReadable("recovery.lora.data", request.recovery().lora().data());
        }
        for (int i = 0; i < perplexities().size(); i++) {
            checkReadable("evaluation.perplexity[" + i + "].text", perplexities().get(i).text());
        }
        for (int i = 0; request.evaluation() != null && i < request.evaluation().tasks().size(); i++) {
            checkReadable("evaluation.tasks[" + i + "].data", request.evaluation().tasks().get(i).data());
        }
    }

    private List<Evaluation.Perplexity> perplexities() {
        return request.evaluation() == null ? List.of() : request.evaluation().perplexity();
    }

    private static void checkReadable(String key, String location) throws PermanentFailureException {
        Path path = Locations.path(key, location);
        if (!Files.exists(path)) {
            throw new IllegalArgumentException(key + ": there is no " + path + " on this machine");
        }
        if (!Files.isReadable(path)) {
            throw new IllegalArgumentException(key + ": " + path + " cannot be read");
        }
    }
}
