package io.espalier.scoring;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.TokenFile;
import io.espalier.model.text.Tokenizer;
import io.espalier.model.weights.Checkpoint;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest.Calibration;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.method.Scoring;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** PREPARE: opens the checkpoint, refuses what cannot work, draws the calibration samples. */
public final class PrepareHandler implements TaskHandler<Work.Prepare> {
    @Override
    public TaskResult run(Work.Prepare work, TaskContext context) throws Exception {
        Path folder = Locations.model(work.model(), context.artifacts());
        return Refusal.permanent(() -> prepare(work, folder, context));
    }

    private static TaskResult prepare(Work.Prepare work, Path folder, TaskContext context) throws Exception {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            ModelConfig config = checkpoint.config();
            var check = new RequestCheck(work.request(), config, StoredSize.bytesPerParameter(checkpoint));
            check.run();
            checkWeights(checkpoint, context);
            try (Tokenizer tokenizer = Tokenizer.open(folder)) {
                Map<String, ArtifactRef> outputs = samples(check, tokenizer, work.round(), context);
                return new TaskResult(outputs, facts(check, checkpoint, tokenizer));
            }
        }
    }

    private static void checkWeights(Checkpoint checkpoint, TaskContext context) throws InterruptedException {
        List<TensorSpec> tensors = checkpoint.config().tensors();
        for (int i = 0; i < tensors.size(); i++) {
            context.progress(0.8 * i / tensors.size(), "reading " + tensors.get(i).name());
            checkpoint.checkFinite(tensors.get(i));
            checkpoint.unload(tensors.get(i));
        }
    }

    private static Map<String, ArtifactRef> samples(RequestCheck check, Tokenizer tokenizer, int round,
            TaskContext context) throws Exception {
        Map<String, ArtifactRef> outputs = new HashMap<>();
        Scoring scoring = check.scoring();
        if (scoring.calibrated()) {
            Calibration calibration = check.request().calibration();
            Path file = Locations.path("calibration.text", calibration.text());
            var sets = new CalibrationSets(tokenizer, TextSource.read(file), calibration, scoring);
            outputs.put("calibration", store("calibration", sets.sets(round), context));
            if (scoring.probe() != null) {
                outputs.put("probe", store("probe", sets.probe(), context));
            }
        }
        return outputs;
    }

    private static ArtifactRef store(String name, int[][] tokens, TaskContext context) throws IOException {
        Path file = context.scratch().resolve(name + ".safetensors");
        TokenFile.write(file, tokens);
        return context.artifacts().putFile(file);
    }

    private static ObjectNode facts(RequestCheck check, Checkpoint checkpoint, Tokenizer tokenizer)
            throws IOException, PermanentFailureException {
        ModelConfig config = checkpoint.config();
        Scoring scoring = check.scoring();
        Calibration calibration = check.request().calibration();
        int samples = scoring.calibrated() ? calibration.samples() : 0;
        Shards shards = Shards.of(config, scoring, samples, scoring.calibrated() ? calibration.length() : 0);
        return Json.events()
                .valueToTree(new ModelFacts(checkpoint.digest(), tokenizer.digest(), config.family().modelType(),
                        config.layers().size(), config.parameters(), checkpoint.bytes(), config.dtype().torchName(),
                        samples, shards.ofSamples(), shards.ofLayers(), shards.rangeStarts(), scoring.sets(),
                        scoring.steps(), scoring.note(), EvaluatedTexts.sizes(check.request().evaluation())));
    }
}
