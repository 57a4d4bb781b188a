package io.espalier.gpu.slice;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.TokenFile;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.SliceMemory;
import io.espalier.pruning.method.UpdateTask;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.surgery.Slicer;
import io.espalier.pruning.surgery.WeightUpdate;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** SLICE: writes the checkpoint that a plan leaves, repaired where the method does that. */
public final class SliceHandler implements TaskHandler<Work.Slice> {
    private final Device device;
    private final long memoryBytes;

    /** @param memoryBytes that a task may take, the process included */
    public SliceHandler(Device device, long memoryBytes) {
        this.device = device;
        this.memoryBytes = memoryBytes;
    }

    @Override
    public TaskResult run(Work.Slice work, TaskContext context) throws Exception {
        Path original = Locations.model(work.model(), context.artifacts());
        Path target = Files.createDirectory(context.scratch().resolve("model"));
        try {
            slice(work, original, target, context);
            ObjectNode facts = facts(target);
            return new TaskResult(Map.of("model", context.artifacts().putTree(target)), facts);
        } catch (IllegalArgumentException | InvalidCheckpointException | UnsupportedModelException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        }
    }

    private void slice(Work.Slice work, Path original, Path target, TaskContext context)
            throws IOException, InterruptedException {
        PruningPlan plan = Json.events().readValue(context.artifacts().file(work.plan()).toFile(), PruningPlan.class);
        var options = new MethodOptions(work.method().json());
        PruningMethod method = Methods.named(options.name());
        Progress progress = context::progress;
        int[][] samples = samples(work, context.artifacts());
        MemoryPlan memory = new SliceMemory(method, options, ModelConfig.read(original), samples.length,
                samples.length == 0 ? 1 : samples[0].length).fit(memoryBytes, context.microBatchDivisor());
        var compute = new Compute(device, memory.residentBytes(), MemoryPlan.BOUNDARY_BYTES, context.scratch());
        var update = new UpdateTask(original, options, plan, samples, memory.microBatch(), compute, progress);
        try (Checkpoint checkpoint = Checkpoint.open(original); WeightUpdate repaired = method.update(update)) {
            new Slicer(checkpoint, plan).write(target, repaired, CheckpointWriter.DEFAULT_SHARD_BYTES, progress);
        }
        checkSize(target, plan);
    }

    private static int[][] samples(Work.Slice work, ArtifactStore artifacts) throws IOException {
        return work.calibration() == null ? new int[0][] : TokenFile.read(artifacts.file(work.calibration()));
    }

    /** Reads the result back: what the plan promised is what stands there. */
    private static void checkSize(Path target, PruningPlan plan) {
        try (Checkpoint written = Checkpoint.open(target)) {
            long parameters = written.config().parameters();
            if (parameters != plan.achieved().parameters()) {
                throw new IllegalStateException("the sliced model has " + parameters + " parameters, its plan says "
                        + plan.achieved().parameters());
            }
        }
    }

    private static ObjectNode facts(Path target) {
        try (Checkpoint written = Checkpoint.open(target)) {
            return JsonNodeFactory.instance.objectNode().put("parameters", written.config().parameters())
                    .put("bytes", written.bytes());
        }
    }
}
