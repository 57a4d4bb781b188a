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
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SCORE: a method's statistics of one shard. A range of layers (docs/decisions/0016) meets its neighbours in the store, unless
 * it has no room for that or an earlier attempt was given up alone already: then it passes the whole model block by block.
 */
public final class ScoreHandler implements TaskHandler<Work.Score> {
    private static final Logger LOG = LoggerFactory.getLogger(ScoreHandler.class);

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
        return Refusal.permanent(() -> score(work, folder, context));
    }

    private TaskResult score(Work.Score work, Path folder, TaskContext context) throws Exception {
        MethodOptions options = Translation.options(work.method());
        PruningMethod method = Methods.named(options.name());
        Scoring scoring = method.scoring(options);
        Shard shard = work.shard();
        int[][] samples = samples(work, scoring.sets(), context.artifacts());
        ModelConfig config = ModelConfig.read(folder);
        var need = MemoryPlan.Need.of(method, options, config, samples.length,
                samples.length == 0 ? 1 : samples[0].length);
        MemoryPlan plan = MemoryPlan.fit(need, memoryBytes, context.microBatchDivisor());
        ScoringTask task = new ScoringTask(folder, options, Translation.ranges(work.layers(), config.layers().size()),
                samples, shard.fromSample(), shard.fromLayer(), shard.toLayer(), plan.microBatch(),
                new Compute(device, plan.residentBytes(), MemoryPlan.BOUNDARY_BYTES, context.scratch()),
                new TaskProgress(context), new TaskKeeper(context, checkpointBytes, System::nanoTime));
        Optional<MemoryPlan> range = besideOthers(need, shard, plan.microBatch(), context);
        return range.isPresent()
                ? beside(work, method, task, need.inFlight(), range.get(), context)
                : result(method.score(task), context);
    }

    /** The room that a range of layers takes at the same time as the others; empty where it goes its way alone. */
    private Optional<MemoryPlan> besideOthers(MemoryPlan.Need need, Shard shard, int microBatch, TaskContext context) {
        return need.ranges() > 1 && context.microBatchDivisor() == 1 && context.resumeFrom().isEmpty()
                ? MemoryPlan.range(need, shard.fromLayer(), shard.toLayer(), memoryBytes)
                        .filter(plan -> plan.microBatch() == microBatch)
                : Optional.empty();
    }

    private static TaskResult beside(Work.Score work, PruningMethod method, ScoringTask task, int inFlight,
            MemoryPlan plan, TaskContext context) throws Exception {
        Shard shard = work.shard();
        try (var neighbours = new StoredNeighbours(context.handedOn(allLayers(work)), plan.microBatch(),
                context.scratch(), StoredNeighbours.Clock.SYSTEM)) {
            TaskResult result = result(method.score(task.beside(neighbours, inFlight, plan.activations())), context);
            neighbours.awaitWritten();
            neighbours.forget(shard.fromLayer(), shard.toLayer(), task.samples().length);
            LOG.atInfo().addKeyValue("layers", shard.fromLayer() + ".." + (shard.toLayer() - 1))
                    .addKeyValue("received", neighbours.received()).addKeyValue("left", neighbours.left())
                    .addKeyValue("waitedMillis", neighbours.waited().toMillis()).log("range of layers scored");
            result.facts().put("received", neighbours.received()).put("left", neighbours.left());
            return result;
        }
    }

    /** What all ranges of one pass have in common. */
    private static Work allLayers(Work.Score work) {
        return new Work.Score(work.model(), work.method(), work.layers(), work.calibration(),
                new Shard(0, 0, work.shard().fromSample(), work.shard().toSample()), work.set());
    }

    private static TaskResult result(Statistics statistics, TaskContext context) throws IOException {
        Path file = context.scratch().resolve("statistics.safetensors");
        statistics.write(file);
        statistics.discard();
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("statistics", statistics.names().size());
        return new TaskResult(Map.of("statistics", context.artifacts().putFile(file)), facts);
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
