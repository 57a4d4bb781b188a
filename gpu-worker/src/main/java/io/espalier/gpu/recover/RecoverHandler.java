package io.espalier.gpu.recover;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.Tokenizer;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Recovery;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.recovery.DivergedException;
import io.espalier.pruning.recovery.LoraRecovery;
import io.espalier.pruning.recovery.LoraSettings;
import io.espalier.pruning.recovery.RecoveryResult;
import io.espalier.pruning.recovery.data.InvalidDataException;
import io.espalier.pruning.recovery.data.ModelEncoder;
import io.espalier.pruning.recovery.data.TrainingData;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * RECOVER: trains adapters on a pruned model and merges them. The recovered model is only handed on where the examples
 * held out say that it is better.
 */
public final class RecoverHandler implements TaskHandler<Work.Recover> {
    private static final String DATA = "recovery.lora.data";
    /** Training ends after so many validations in a row without progress. */
    private static final int PATIENCE = 5;

    private final Device device;
    private final long residentBytes;
    private final long boundaryBytes;

    /**
     * @param residentBytes fp32 weights up to this size stay in memory
     * @param boundaryBytes activations between blocks up to this size stay in memory
     */
    public RecoverHandler(Device device, long residentBytes, long boundaryBytes) {
        this.device = device;
        this.residentBytes = residentBytes;
        this.boundaryBytes = boundaryBytes;
    }

    @Override
    public TaskResult run(Work.Recover work, TaskContext context) throws Exception {
        Path model = Locations.model(work.model(), context.artifacts());
        Path file = Locations.existing(DATA, work.lora().data());
        try {
            return recover(work, model, file, context);
        } catch (InvalidDataException e) {
            throw new PermanentFailureException(DATA + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException | InvalidCheckpointException | UnsupportedModelException
                | DivergedException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        }
    }

    private TaskResult recover(Work.Recover work, Path model, Path file, TaskContext context)
            throws IOException, InterruptedException {
        ModelConfig config = ModelConfig.read(model);
        LoraSettings settings = settings(work, config, context.microBatchDivisor());
        TrainingData data = data(model, config, file, settings, context);
        var compute = new Compute(device, residentBytes, boundaryBytes, context.scratch());
        Path output = Files.createDirectory(context.scratch().resolve("model"));
        RecoveryResult result = new LoraRecovery(model, data, settings, compute).run(output, resumeFrom(context),
                new TaskWatch(context));
        Map<String, ArtifactRef> outputs = result.accepted()
                ? Map.of("model", context.artifacts().putTree(output))
                : Map.of();
        return new TaskResult(outputs, facts(result, settings));
    }

    private static TrainingData data(Path model, ModelConfig config, Path file, LoraSettings settings,
            TaskContext context) throws IOException, InterruptedException {
        try (Tokenizer tokenizer = Tokenizer.open(model)) {
            return TrainingData.read(file, ModelEncoder.of(tokenizer, config), settings,
                    examples -> context.progress(0, "reading data, " + examples + " examples"));
        }
    }

    private static Optional<Path> resumeFrom(TaskContext context) throws IOException {
        return context.resumeFrom().isPresent()
                ? Optional.of(context.artifacts().tree(context.resumeFrom().get()))
                : Optional.empty();
    }

    /** Sequences are cut where the model's positions end; a divisor makes micro-batches smaller. */
    private static LoraSettings settings(Work.Recover work, ModelConfig config, int divisor) {
        Recovery.Lora lora = work.lora();
        return new LoraSettings(lora.rank(), lora.alpha(), lora.dropout(), lora.learningRate(), lora.warmup(),
                lora.weightDecay(), lora.clip(), lora.batch(), Math.max(1, lora.microBatch() / divisor),
                lora.epochs(), lora.steps(), Math.min(lora.maxLength(), config.maxPositions()), lora.validation(),
                lora.evaluateEvery(), lora.checkpointEvery(), lora.trainOnInputs(), PATIENCE, work.seed());
    }

    private static ObjectNode facts(RecoveryResult result, LoraSettings settings) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("accepted", result.accepted())
                .put("validationBefore", result.before()).put("validationAfter", result.after())
                .put("steps", result.steps()).put("bestStep", result.bestStep())
                .put("trainedParameters", result.trained()).put("trainExamples", result.train())
                .put("validationExamples", result.validation()).put("droppedExamples", result.dropped())
                .put("maxLength", settings.maxLength());
        LossCurve.write(result.losses(), facts.putArray("losses"));
        return facts;
    }
}
