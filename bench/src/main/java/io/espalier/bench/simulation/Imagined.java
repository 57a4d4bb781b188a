package io.espalier.bench.simulation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.Scoring;
import io.espalier.scoring.Shards;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * What a worker would report about a task on a model of this shape, without doing the work: outputs and facts as
 * {@link Work} promises them, equal for equal work. Shards are those that PREPARE really makes.
 */
record Imagined(ModelConfig config) {
    private static final int SEARCH_ROUNDS = 10;
    private static final int CANDIDATES = 32;
    private static final long ARTIFACT_BYTES = 1000;

    /** Outputs by name, and facts. */
    record Found(Map<String, ArtifactRef> outputs, ObjectNode facts) {}

    Found find(Work work) {
        return switch (work) {
            case Work.Prepare prepare -> new Found(Map.of("calibration", file(work, "calibration"), "probe",
                    file(work, "probe")), Json.events().valueToTree(facts(prepare.request())));
            case Work.Score _ -> new Found(Map.of("statistics", file(work, "statistics")), node());
            case Work.Rank _ -> new Found(Map.of("plan", file(work, "plan")), plan());
            case Work.Propose propose -> proposal(propose);
            case Work.Measure measure -> new Found(Map.of(), values(measure.candidates().size()));
            case Work.Slice _ -> new Found(Map.of("model", tree(work)),
                    node().put("parameters", config.parameters()).put("bytes", config.bytes()));
            case Work.Recover _ -> new Found(Map.of("model", tree(work)), node().put("accepted", true)
                    .put("validationBefore", 3.0).put("validationAfter", 2.5));
            case Work.Perplexity _ -> new Found(Map.of(), node().put("perplexity", 10.0));
            case Work.Cost cost -> new Found(Map.of(), costs(cost));
            case Work.Export export -> new Found(Map.of(), node().put("location", export.location()));
            default -> new Found(Map.of(), node()); // measures whose values nobody looks at here
        };
    }

    private ModelFacts facts(PruningRequest request) {
        Scoring scoring = Methods.named(request.method().name())
                .scoring(new MethodOptions(request.method().json()));
        int samples = scoring.calibrated() ? request.calibration().samples() : 0;
        Shards shards = Shards.of(config, scoring, samples, scoring.calibrated() ? request.calibration().length() : 0);
        return new ModelFacts("d".repeat(64), "e".repeat(64), config.family().modelType(), config.layers().size(),
                config.parameters(), config.bytes(), config.dtype().torchName(), samples, shards.ofSamples(),
                shards.ofLayers(), shards.rangeStarts(), scoring.sets(), scoring.steps(), scoring.note(),
                Durations.texts(request.evaluation()));
    }

    private Found proposal(Work.Propose propose) {
        Map<String, ArtifactRef> outputs = new HashMap<>(Map.of("state", file(propose, "state")));
        if (propose.round() >= SEARCH_ROUNDS) {
            outputs.put("plan", file(propose, "plan"));
            return new Found(outputs, plan().put("done", true).put("candidates", 0).put("best", 1.0));
        }
        for (int i = 0; i < CANDIDATES; i++) {
            outputs.put("candidate-" + i, file(propose, "candidate-" + i));
        }
        return new Found(outputs, node().put("done", false).put("candidates", CANDIDATES).put("best", 2.0));
    }

    private ObjectNode plan() {
        ObjectNode facts = node();
        ArrayNode layers = facts.putArray("layers");
        for (int layer = 0; layer < config.layers().size(); layer++) {
            layers.addObject().put("layer", layer).put("kvGroups", config.layers().get(layer).kvHeads())
                    .put("queryHeads", config.layers().get(layer).queryHeads())
                    .put("channels", config.layers().get(layer).channels());
        }
        facts.putObject("achieved").put("parameters", config.parameters()).put("share", 0.8);
        return facts;
    }

    private static ObjectNode values(int count) {
        ObjectNode facts = node();
        ArrayNode values = facts.putArray("values");
        for (int i = 0; i < count; i++) {
            values.add(10 + i);
        }
        return facts;
    }

    private ObjectNode costs(Work.Cost cost) {
        ObjectNode facts = node();
        for (Subject subject : cost.models().keySet()) {
            facts.putObject(subject.label()).put("parameters", config.parameters()).put("bytes", config.bytes())
                    .put("macs64", 1L).putObject("cost").put("prefillMillis", 1).put("decodeMillisPerToken", 1)
                    .put("peakMemoryBytes", 1);
        }
        return facts;
    }

    private static ObjectNode node() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ArtifactRef file(Work work, String name) {
        return ArtifactRef.file(digest(work, name), ARTIFACT_BYTES);
    }

    private static ArtifactRef tree(Work work) {
        return ArtifactRef.tree(digest(work, "model"), ARTIFACT_BYTES);
    }

    private static String digest(Work work, String name) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(Json.canonical(work));
            return HexFormat.of().formatHex(sha.digest(name.getBytes()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
