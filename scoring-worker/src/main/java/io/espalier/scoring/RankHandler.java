package io.espalier.scoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.ExportFormats;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.latency.LatencySelector;
import io.espalier.pruning.latency.LatencyTable;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.ScoreHistogram;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** RANK: merges the statistics of all shards in the order given and writes the plan. */
public final class RankHandler implements TaskHandler<Work.Rank> {
    /**
     * @param task    as it was ranked, for a target in time with the share that meets it
     * @param latency what was predicted; null for other targets
     */
    private record Ranked(RankingTask task, PruningPlan plan, ObjectNode latency) {}

    @Override
    public TaskResult run(Work.Rank work, TaskContext context) throws Exception {
        Path folder = Locations.model(work.model(), context.artifacts());
        RankingTask task = task(work, folder, context.artifacts());
        PruningMethod method = Methods.named(work.request().method().name());
        LatencyTable times = work.times() == null
                ? null
                : Json.events().readValue(context.artifacts().file(work.times()).toFile(), LatencyTable.class);
        Ranked ranked = Refusal.permanent(() -> rank(method, task, work, folder, times));
        ArtifactRef stored = context.artifacts().putBytes(Json.canonical(ranked.plan()));
        ObjectNode facts = facts(ranked.plan(), task.original());
        importance(method.scores(ranked.task()), ranked.plan(), task.previous()).ifPresent(found -> facts.set(
                "importance", found));
        facts.set("predicted", predicted(method, task.original(), ranked.task().goal(), task.options(), StoredSize
                .bytesPerParameter(folder)));
        if (ranked.latency() != null) {
            facts.set("latency", ranked.latency());
        }
        return new TaskResult(Map.of("plan", stored), facts);
    }

    /** A plan that a wanted format cannot hold is refused here, before anything is cut. */
    private static Ranked rank(PruningMethod method, RankingTask task, Work.Rank work, Path folder,
            LatencyTable times) {
        Ranked ranked = times == null
                ? new Ranked(task, method.rank(task), null)
                : timed(method, task, TimedRanking.of(times, work.request().target().latency(), task.original()));
        if (work.step() == work.steps()) {
            ExportFormats.check(work.request().output().formats(), ranked.plan().applied(ModelConfig.read(folder)),
                    folder);
        }
        return ranked;
    }

    private static Ranked timed(PruningMethod method, RankingTask task, TimedRanking ranking) {
        LatencySelector.Found found = ranking.rank(method, task);
        return new Ranked(task.withTarget(new Target.Share(found.share())), found.plan(), ranking.facts(found.plan()));
    }

    /** What shapes alone said before anything was scored: {@code parameters}, and {@code bytes} as stored. */
    static ObjectNode predicted(PruningMethod method, ModelShape original, PruningGoal goal, MethodOptions options,
            double bytesPerParameter) {
        long parameters = method.predictedParameters(original, goal, options);
        return JsonNodeFactory.instance.objectNode().put("parameters", parameters).put("bytes", Math.round(parameters
                * bytesPerParameter));
    }

    private static RankingTask task(Work.Rank work, Path folder, ArtifactStore artifacts) throws IOException {
        ModelShape original = ModelShape.of(ModelConfig.read(folder));
        List<Statistics> parts = new ArrayList<>();
        for (ArtifactRef part : work.statistics()) {
            parts.add(Statistics.read(artifacts.file(part)));
        }
        PruningPlan previous = work.previous() == null
                ? null
                : Json.events().readValue(artifacts.file(work.previous()).toFile(), PruningPlan.class);
        return new RankingTask(original, Translation.options(work.request().method()),
                Translation.goal(work.request(), original, StoredSize.bytesPerParameter(folder)),
                Statistics.merge(parts), work.request().calibration().seed(), previous, work.step(), work.steps());
    }

    private static Optional<ObjectNode> importance(UnitScores scores, PruningPlan plan, PruningPlan previous) {
        if (scores == null) {
            return Optional.empty();
        }
        ObjectNode importance = JsonNodeFactory.instance.objectNode();
        for (UnitType type : List.of(UnitType.ATTENTION, UnitType.MLP)) {
            ScoreHistogram.of(scores, type, plan, previous).ifPresent(histogram -> importance
                    .set(type.name().toLowerCase(Locale.ROOT), Json.events().valueToTree(histogram)));
        }
        return importance.isEmpty() ? Optional.empty() : Optional.of(importance);
    }

    /** The plan without its lists of kept units, which may be too long for an event. */
    static ObjectNode facts(PruningPlan plan, ModelShape original) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        ArrayNode layers = facts.putArray("layers");
        for (LayerPlan layer : plan.layers()) {
            layers.addObject().put("layer", layer.layer()).put("kvGroups", layer.kvGroups())
                    .put("queryHeads", layer.queryHeads()).put("channels", layer.channels());
        }
        facts.set("achieved", Json.events().valueToTree(plan.achieved()));
        ObjectNode before = facts.putObject("original");
        ArrayNode groups = before.putArray("kvGroups");
        ArrayNode channels = before.putArray("channels");
        original.layers().forEach(layer -> {
            groups.add(layer.kvHeads());
            channels.add(layer.channels());
        });
        return facts;
    }
}
