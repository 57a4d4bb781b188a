package io.espalier.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.ExportFormats;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.IterativeMethod;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.Proposal;
import io.espalier.pruning.method.ProposalTask;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** SEARCH, even rounds: the next candidates of an iterative method, or its plan. */
public final class ProposeHandler implements TaskHandler<Work.Propose> {
    @Override
    public TaskResult run(Work.Propose work, TaskContext context) throws Exception {
        Path folder = Locations.model(work.model(), context.artifacts());
        Proposal proposal = Refusal.permanent(() -> propose(work, folder, context.artifacts()));
        ModelShape original = ModelShape.of(ModelConfig.read(folder));
        ObjectNode facts = facts(proposal, original);
        if (proposal.isDone()) {
            double bytesPerParameter = StoredSize.bytesPerParameter(folder);
            facts.set("predicted", RankHandler.predicted(Methods.named(work.request().method().name()), original,
                    Translation.goal(work.request(), original, bytesPerParameter), Translation.options(work.request()
                            .method()),
                    bytesPerParameter));
        }
        return new TaskResult(outputs(proposal, context.artifacts()), facts);
    }

    private static Proposal propose(Work.Propose work, Path folder, ArtifactStore artifacts) throws IOException {
        if (!(Methods.named(work.request().method().name()) instanceof IterativeMethod method)) {
            throw new IllegalArgumentException("method.name: " + work.request().method().name()
                    + " does not decide by measured candidates");
        }
        ModelConfig config = ModelConfig.read(folder);
        ModelShape original = ModelShape.of(config);
        List<Statistics> parts = new ArrayList<>();
        for (ArtifactRef part : work.statistics()) {
            parts.add(Statistics.read(artifacts.file(part)));
        }
        JsonNode state = work.state() == null ? null : Json.events().readTree(artifacts.file(work.state()).toFile());
        Proposal proposal = method.propose(new ProposalTask(original, Translation.options(work.request().method()),
                Translation.goal(work.request(), original, StoredSize.bytesPerParameter(folder)), parts,
                work.request().calibration().seed(), state, work.measured()));
        if (proposal.isDone()) {
            ExportFormats.check(work.request().output().formats(), proposal.plan().applied(config), folder);
        }
        return proposal;
    }

    private static Map<String, ArtifactRef> outputs(Proposal proposal, ArtifactStore artifacts) throws IOException {
        Map<String, ArtifactRef> outputs = new HashMap<>();
        outputs.put("state", artifacts.putBytes(Json.canonical(proposal.state())));
        for (int i = 0; i < proposal.candidates().size(); i++) {
            outputs.put("candidate-" + i, artifacts.putBytes(Json.canonical(proposal.candidates().get(i))));
        }
        if (proposal.isDone()) {
            outputs.put("plan", artifacts.putBytes(Json.canonical(proposal.plan())));
        }
        return outputs;
    }

    private static ObjectNode facts(Proposal proposal, ModelShape original) {
        ObjectNode facts = proposal.isDone()
                ? RankHandler.facts(proposal.plan(), original)
                : JsonNodeFactory.instance
                        .objectNode();
        facts.put("done", proposal.isDone()).put("candidates", proposal.candidates().size());
        if (Double.isFinite(proposal.best())) {
            facts.put("best", proposal.best());
        }
        return facts;
    }
}
