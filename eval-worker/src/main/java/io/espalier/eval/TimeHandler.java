package io.espalier.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.evaluation.cost.CostMeter;
import io.espalier.evaluation.cost.Latency;
import io.espalier.evaluation.cost.MemoryGauge;
import io.espalier.evaluation.cost.Timing;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.latency.LatencyTable;
import io.espalier.pruning.latency.TimedVariants;
import io.espalier.pruning.latency.Widths;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.surgery.Slicer;
import io.espalier.pruning.surgery.WeightUpdate;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * TIME: cuts variants of the model and times them in turns, with the prompt, the decoding and the stopwatch of
 * {@link CostHandler}, which will time the result. Output {@code times}: a {@link LatencyTable} as JSON.
 */
final class TimeHandler implements TaskHandler<Work.Time> {
    /** More rounds than for a report, as eight variants shall be told apart, in as much time for all of them. */
    private static final CostMeter.Plan PLAN = CostMeter.Plan.standard().withRounds(9).refinedFor(Duration.ofSeconds(
            1));
    private static final double CUTTING = 0.2;

    private final Models models;
    private final MemoryGauge gauge;

    TimeHandler(Models models, MemoryGauge gauge) {
        this.models = models;
        this.gauge = gauge;
    }

    @Override
    public TaskResult run(Work.Time work, TaskContext context) throws Exception {
        Map<Widths, Path> variants = cut(models.folder(work.model(), context), context);
        var meter = new CostMeter(models.device(), models.residentBytes(), gauge, PLAN);
        List<LatencyTable.Variant> timed = new ArrayList<>();
        Map<Widths, Latency> latencies = meter.time(variants, (ratio, tokens) -> {
            context.tokens(tokens);
            context.progress(CUTTING + (1 - CUTTING) * ratio, "timing " + variants.size() + " variants of the model");
        });
        latencies.forEach((widths, latency) -> timed.add(variant(widths, latency)));
        int rounds = latencies.values().stream().mapToInt(Latency::rounds).min().orElseThrow();
        var table = new LatencyTable(Torch.name(models.device()), Torch.threads(), PLAN.promptTokens(),
                PLAN.decodedTokens(), rounds, timed);
        ArtifactRef stored = context.artifacts().putBytes(Json.canonical(table));
        return new TaskResult(Map.of("times", stored), JsonNodeFactory.instance.objectNode().put("variants", timed
                .size()));
    }

    private Map<Widths, Path> cut(Path folder, TaskContext context) throws IOException, InterruptedException {
        Map<Widths, Path> variants = new LinkedHashMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            ModelShape shape = ModelShape.of(checkpoint.config());
            List<PruningPlan> plans = TimedVariants.of(shape, models.residentBytes());
            for (PruningPlan plan : plans) {
                double before = variants.size();
                Path variant = Files.createDirectory(context.scratch().resolve("variant-" + variants.size()));
                new Slicer(checkpoint, plan).write(variant, WeightUpdate.NONE, CheckpointWriter.DEFAULT_SHARD_BYTES,
                        (done, message) -> context.progress(CUTTING * (before + done) / plans.size(),
                                "cutting variants of the model to be timed"));
                variants.put(Widths.of(plan.shape(shape)), variant);
            }
        }
        return variants;
    }

    private static LatencyTable.Variant variant(Widths widths, Latency latency) {
        return new LatencyTable.Variant(widths, timing(latency.prefill()), timing(latency.decode()));
    }

    private static LatencyTable.Timing timing(Timing timing) {
        return new LatencyTable.Timing(timing.median(), timing.firstQuartile(), timing.thirdQuartile());
    }
}
