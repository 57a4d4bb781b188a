package io.espalier.scoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** RANK: merges the statistics of all shards in the order given and writes the plan. */
public final class RankHandler implements TaskHandler<Work.Rank> {
    @Override
    public TaskResult run(Work.Rank work, TaskContext context) throws Exception {
        Path folder = Locations.model(work.model(), context.artifacts());
        PruningPlan plan = Refusal.permanent(() -> rank(work, folder, context.artifacts()));
        ArtifactRef stored = context.artifacts().putBytes(Json.canonical(plan));
        return new TaskResult(Map.of("plan", stored), facts(plan));
    }

    private static PruningPlan rank(Work.Rank work, Path folder, ArtifactStore artifacts) throws IOException {
        ModelShape original = ModelShape.of(ModelConfig.read(folder));
        List<Statistics> parts = new ArrayList<>();
        for (ArtifactRef part : work.statistics()) {
            parts.add(Statistics.read(artifacts.file(part)));
        }
        PruningPlan previous = work.previous() == null
                ? null
                : Json.events().readValue(artifacts.file(work.previous()).toFile(), PruningPlan.class);
        return Methods.named(work.request().method().name()).rank(new RankingTask(original,
                Translation.options(work.request().method()),
                Translation.goal(work.request(), original, StoredSize.bytesPerParameter(folder)),
                Statistics.merge(parts), work.request().calibration().seed(), previous, work.step(), work.steps()));
    }

    /** The plan without its lists of kept units, which may be too long for an event. */
    static ObjectNode facts(PruningPlan plan) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        ArrayNode layers = facts.putArray("layers");
        for (LayerPlan layer : plan.layers()) {
            layers.addObject().put("layer", layer.layer()).put("kvGroups", layer.kvGroups())
                    .put("queryHeads", layer.queryHeads()).put("channels", layer.channels());
        }
        facts.set("achieved", Json.events().valueToTree(plan.achieved()));
        return facts;
    }
}
