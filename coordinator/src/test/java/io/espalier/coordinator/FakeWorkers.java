package io.espalier.coordinator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.topic.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.IntStream;

/** What workers would find, made up from the work alone: equal work has equal results. */
public final class FakeWorkers {
    public static final int LAYERS = 5;
    public static final long PARAMETERS = 260_032;
    /** Of every text and data file. */
    public static final long TEXT_BYTES = 4_000_000;
    public static final long TEXT_LINES = 1_000;
    /** After every slice. */
    public static final long PRUNED_PARAMETERS = 200_000;
    private static final int SEARCH_ROUNDS = 3;
    private static final int CANDIDATES = 6;

    /** Outputs and facts as {@link Work} promises them. */
    public record Found(Map<String, ArtifactRef> outputs, ObjectNode facts) {}

    private FakeWorkers() {}

    public static Found find(Work work) {
        return switch (work) {
            case Work.Prepare prepare -> prepare(prepare);
            case Work.Score _ -> new Found(Map.of("statistics", artifact(work, "statistics")), facts());
            case Work.Time _ -> new Found(Map.of("times", artifact(work, "times")), facts().put("variants", 8));
            case Work.Rank rank -> new Found(Map.of("plan", artifact(work, "plan")), rank(rank));
            case Work.Propose propose -> propose(propose);
            case Work.Measure measure -> measure(measure);
            case Work.Slice _ ->
                new Found(Map.of("model", tree(work)), facts().put("parameters", PRUNED_PARAMETERS).put("bytes",
                        800_000L));
            case Work.Recover _ -> new Found(Map.of("model", tree(work)), facts().put("accepted", true).put(
                    "validationBefore", 3.0).put("validationAfter", 2.5).set("losses", losses()));
            case Work.Perplexity perplexity -> new Found(Map.of(),
                    facts().put("perplexity", 2 + number(work, 100) / 100.0)
                            .put("nll", 1000 * Math.log(2 + number(work, 100) / 100.0)).put("segments", 10)
                            .put("tokens",
                                    1000)
                            .put("textDigest", "f".repeat(64))
                            .put("dtype", perplexity.dtype().safetensorsName()));
            case Work.ZeroShot zeroShot -> new Found(Map.of("samples", artifact(work, "samples")),
                    facts().put("acc", 0.5)
                            .put("acc_stderr", 0.01).put("n", 10).put("version", "1.0")
                            .put("dtype", zeroShot.dtype().safetensorsName()));
            case Work.Fidelity fidelity -> new Found(Map.of(), fidelity(fidelity));
            case Work.Cost cost -> new Found(Map.of(), cost(cost));
            case Work.Export export -> new Found(Map.of(), facts().put("location", export.location()));
        };
    }

    public static TaskReport.Usage usage() {
        return new TaskReport.Usage(0.5, 100, 1 << 20);
    }

    private static Found prepare(Work.Prepare prepare) {
        ObjectNode facts = facts().put("digest", "d".repeat(64)).put("tokenizerDigest", "e".repeat(64)).put("family",
                "llama").put("layers", LAYERS).put("parameters", PARAMETERS).put("bytes", 4 * PARAMETERS).put("dtype",
                        "F32")
                .put("samples", 10).put("sampleShards", 2).put("layerShards", 2).put("sets", 1).put("steps", 1);
        int ranges = prepare.request().method().has("layerRanges")
                ? prepare.request().method().integer("layerRanges")
                : 1;
        if (ranges > 1) {
            facts.put("sampleShards", 1).put("layerShards", ranges);
            ArrayNode starts = facts.putArray("rangeStarts");
            IntStream.range(0, ranges).forEach(starts::add); // the last one has all that are left
        }
        ArrayNode texts = facts.putArray("texts");
        Evaluation evaluation = prepare.request().evaluation();
        int files = evaluation == null ? 0 : evaluation.perplexity().size() + evaluation.tasks().size();
        IntStream.range(0, files).forEach(_ -> texts.addObject().put("bytes", TEXT_BYTES).put("lines", TEXT_LINES));
        return new Found(Map.of("calibration", artifact(prepare, "calibration")), facts);
    }

    private static ObjectNode rank(Work.Rank rank) {
        ObjectNode facts = plan();
        if (rank.times() != null) {
            ObjectNode latency = facts.putObject("latency").put("phase", rank.request().target().latency().phase()
                    .label()).put("targetMillis", 1.4).put("targetShare", 0.7).put("relative", true)
                    .put("originalMillis", 2.0).put("predictedMillis", 1.3).put("predictedShare", 0.65)
                    .put("device", "cpu").put("threads", 2).put("promptTokens", 64).put("rounds", 9);
            latency.putObject("model").put("base", 0.1).put("layer", 0.2).put("kvGroup", 0.03).put("channel", 0.001)
                    .put("largestError", 0.02);
            latency.putArray("variants").addObject().put("layers", LAYERS).put("kvGroups", 20.0).put("channels", 860.0)
                    .put("millis", 2.02).put("fittedMillis", 2.0).putArray("quartiles").add(1.9).add(2.1);
        }
        return facts;
    }

    private static ObjectNode plan() {
        ObjectNode facts = facts();
        var layers = facts.putArray("layers");
        for (int i = 0; i < LAYERS; i++) {
            layers.addObject().put("layer", i).put("kvGroups", 3).put("queryHeads", 6).put("channels", 128)
                    .putArray("keptKvGroups").add(0).add(1).add(3);
        }
        facts.putObject("predicted").put("parameters", 201_000L).put("bytes", 804_000L);
        facts.putObject("achieved").put("parameters", 200_000L).put("share", 200_000.0 / PARAMETERS);
        ObjectNode original = facts.putObject("original");
        var groups = original.putArray("kvGroups");
        var channels = original.putArray("channels");
        for (int i = 0; i < LAYERS; i++) {
            groups.add(4);
            channels.add(172);
        }
        facts.putObject("importance").set("mlp", importance());
        return facts;
    }

    private static ObjectNode importance() {
        ObjectNode histogram = facts().put("log", true);
        var edges = histogram.putArray("edges");
        var kept = histogram.putArray("kept");
        var removed = histogram.putArray("removed");
        edges.add(1e-4);
        for (int i = 0; i < 12; i++) {
            edges.add(1e-4 * Math.pow(2, i + 1));
            removed.add(Math.max(0, 40 - 9 * i));
            kept.add(i < 2 ? 0 : 20 + 40 * i - 3 * i * i);
        }
        return histogram;
    }

    private static ArrayNode losses() {
        ArrayNode losses = JsonNodeFactory.instance.arrayNode();
        for (int step = 1; step <= 10; step++) {
            ArrayNode row = losses.addArray().add(step).add(2.5 + 1.0 / step);
            if (step % 2 == 1) {
                row.add(2.4 + 0.6 / step);
            } else {
                row.addNull();
            }
        }
        return losses;
    }

    private static Found propose(Work.Propose propose) {
        Map<String, ArtifactRef> outputs = new HashMap<>(Map.of("state", artifact(propose, "state")));
        if (propose.round() == SEARCH_ROUNDS) {
            outputs.put("plan", artifact(propose, "plan"));
            ObjectNode facts = plan();
            return new Found(outputs, facts.put("done", true).put("candidates", 0).put("best", 1.0));
        }
        for (int i = 0; i < CANDIDATES; i++) {
            outputs.put("candidate-" + i, artifact(propose, "candidate-" + i));
        }
        return new Found(outputs, facts().put("done", false).put("candidates", CANDIDATES).put("best", 2.0));
    }

    private static Found measure(Work.Measure measure) {
        ObjectNode facts = facts();
        var values = facts.putArray("values");
        measure.candidates().forEach(candidate -> values.add(Integer.parseInt(candidate.sha256().substring(0, 4),
                16)));
        return new Found(Map.of(), facts);
    }

    private static ObjectNode fidelity(Work.Fidelity fidelity) {
        ObjectNode facts = facts();
        fidelity.models().keySet().stream().filter(subject -> subject != Subject.ORIGINAL).forEach(
                subject -> facts.putObject(subject.label()).put("kl", 0.25).put("top1", 0.75).put("tokens", 1000));
        return facts;
    }

    private static ObjectNode cost(Work.Cost cost) {
        ObjectNode facts = facts();
        for (Subject subject : cost.models().keySet()) {
            facts.putObject(subject.label()).put("parameters", subject == Subject.ORIGINAL ? PARAMETERS : 200_000L)
                    .put("bytes", 800_000L).put("macs64", 12_345L).set("cost", cost(subject));
        }
        return facts;
    }

    private static ObjectNode cost(Subject subject) {
        double prefill = subject == Subject.ORIGINAL ? 2.5 : 1.5;
        ObjectNode cost = facts().put("prefillMillis", prefill).put("decodeMillisPerToken", 0.5).put("peakMemoryBytes",
                1 << 24);
        cost.putArray("prefillQuartiles").add(prefill - 0.1).add(prefill + 0.1);
        cost.putArray("decodeQuartiles").add(0.4).add(0.6);
        return cost;
    }

    private static ObjectNode facts() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static int number(Work work, int below) {
        return Integer.parseInt(digest(work, "").substring(0, 6), 16) % below;
    }

    static ArtifactRef artifact(Work work, String name) {
        return ArtifactRef.file(digest(work, name), 1000);
    }

    private static ArtifactRef tree(Work work) {
        return ArtifactRef.tree(digest(work, "model"), 1000);
    }

    private static String digest(Work work, String name) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(Json.canonical(work));
            return HexFormat.of().formatHex(sha.digest(name.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
