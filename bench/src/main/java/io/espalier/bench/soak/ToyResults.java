package io.espalier.bench.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Results made up from the work alone, so that equal work has equal results whoever does it and however often. */
final class ToyResults {
    /** Jobs of such names are refused by PREPARE. */
    static final String BAD = "bad";
    private static final int LAYERS = 4;
    private static final long PARAMETERS = 100_000;
    private static final int LINES = 20;

    private ToyResults() {}

    static TaskResult prepare(Work.Prepare work) throws PermanentFailureException {
        if (work.request().name().startsWith(BAD)) {
            throw new PermanentFailureException("this model is bad");
        }
        return new TaskResult(Map.of(), facts().put("digest", "a".repeat(64)).put("tokenizerDigest", "b".repeat(64))
                .put("family", "toy").put("layers", LAYERS).put("parameters", PARAMETERS).put("bytes", 4 * PARAMETERS)
                .put("dtype", "F32").put("samples", 0).put("sampleShards", 1).put("layerShards", 2).put("sets", 1).put(
                        "steps", 1));
    }

    static TaskResult score(Work.Score work, ArtifactStore artifacts) throws IOException {
        return new TaskResult(Map.of("statistics", file(work, "statistics", artifacts)), facts());
    }

    static TaskResult rank(Work.Rank work, ArtifactStore artifacts) throws IOException {
        ObjectNode facts = facts();
        var layers = facts.putArray("layers");
        for (int layer = 0; layer < LAYERS; layer++) {
            layers.addObject().put("layer", layer).put("kvGroups", 2).put("queryHeads", 2).put("channels", 10);
        }
        facts.putObject("achieved").put("parameters", PARAMETERS / 2).put("share", 0.5);
        return new TaskResult(Map.of("plan", file(work, "plan", artifacts)), facts);
    }

    static TaskResult slice(Work.Slice work, ArtifactStore artifacts, Path scratch) throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("model"));
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.write(folder.resolve("model.safetensors"), content(work, "model"));
        return new TaskResult(Map.of("model", artifacts.putTree(folder)), facts().put("parameters", PARAMETERS
                / 2).put("bytes", 2 * PARAMETERS));
    }

    static TaskResult perplexity(Work.Perplexity work) {
        return new TaskResult(Map.of(), facts().put("perplexity", 2 + number(work, 1000) / 100.0));
    }

    static TaskResult fidelity(Work.Fidelity work) {
        ObjectNode facts = facts();
        work.models().keySet().stream().filter(subject -> subject != Subject.ORIGINAL).sorted()
                .forEach(subject -> facts.putObject(subject.label()).put("kl", number(work, 100) / 100.0)
                        .put("top1", number(work, 1000) / 1000.0).put("tokens", 1000));
        return new TaskResult(Map.of(), facts);
    }

    static TaskResult export(Work.Export work) {
        return new TaskResult(Map.of(), facts().put("location", work.location()));
    }

    private static ArtifactRef file(Work work, String name, ArtifactStore artifacts) throws IOException {
        return artifacts.putBytes(content(work, name));
    }

    private static byte[] content(Work work, String name) {
        return (digest(work, name) + "\n").repeat(LINES).getBytes(StandardCharsets.UTF_8);
    }

    /** From 0 to below. */
    static int number(Work work, int below) {
        return Integer.parseInt(digest(work, "").substring(0, 7), 16) % below;
    }

    static String digest(Work work, String name) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(Json.canonical(essence(work)));
            return HexFormat.of().formatHex(sha.digest(name.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Without what has no influence on a result. */
    private static JsonNode essence(Work work) {
        JsonNode json = Json.events().valueToTree(work);
        if (json.path("request") instanceof ObjectNode request) {
            request.remove(List.of("name", "labels", "priority", "cache", "output"));
        }
        return json;
    }

    private static ObjectNode facts() {
        return JsonNodeFactory.instance.objectNode();
    }
}
