package io.espalier.scoring;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.text.TokenFile;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.Work;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** SCORE: a method's statistics of one shard. */
public final class ScoreHandler implements TaskHandler<Work.Score> {
    private final Device device;
    private final long memoryBytes;
    private final long checkpointBytes;

    /**
     * @param memoryBytes     that a task may take, the process included
     * @param checkpointBytes larger checkpoints are not written
     */
    public ScoreHandler(Device device, long memoryBytes, long checkpointBytes) {
        this.device = device;
        this.memoryBytes = memoryBytes;
        this.checkpointBytes = checkpointBytes;
    }

    @Override
    public TaskResult run(Work.Score work, TaskContext context) throws Exception {
        Path folder = Locations.model(work.model(), context.artifacts());
        Statistics statistics = Refusal.permanent(() -> score(work, folder, context));
        Path file = context.scratch().resolve("statistics.safetensors");
        statistics.write(file);
        statistics.discard();
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("statistics", statistics.names().size());
        return new TaskResult(Map.of("statistics", context.artifacts().putFile(file)), facts);
    }

    private Statistics score(Work.Score work, Path folder, TaskContext context) throws Exception {
        MethodOptions options = Translation.options(work.method());
        PruningMethod method = Methods.named(options.name());
        Shard shard = work.shard();
        int[][] samples = samples(work, method.scoring(options).sets(), context.artifacts());
        ModelConfig config = ModelConfig.read(folder);
        var need = MemoryPlan.Need.of(method, options, config, samples.length,
                samples.length == 0 ? 1 : samples[0].length);
        MemoryPlan plan = MemoryPlan.fit(need, memoryBytes, context.microBatchDivisor());
        return method.score(new ScoringTask(folder, options, Translation.ranges(work.layers(), config.layers().size()),
                samples, shard.fromSample(), shard.fromLayer(), shard.toLayer(), plan.microBatch(),
                new Compute(device, plan.residentBytes(), MemoryPlan.BOUNDARY_BYTES, context.scratch()),
                new TaskProgress(context), new TaskKeeper(context, checkpointBytes, System::nanoTime)));
    }

    /** The shard's samples of its set; the sets stand one behind the other. */
    private static int[][] samples(Work.Score work, int sets, ArtifactStore artifacts) throws IOException {
        if (work.calibration() == null) {
            return new int[0][];
        }
        int[][] all = TokenFile.read(artifacts.file(work.calibration()));
        int start = work.set() * (all.length / sets);
        return Arrays.copyOfRange(all, start + work.shard().fromSample(), start + work.shard().toSample());
    }
}
