package io.espalier.bench.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.model.Texts;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.ComputeType;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.Recovery;
import io.espalier.protocol.request.RequestReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Tasks on one model, as the coordinator would open them.
 *
 * @param texts where evaluation and training texts lie
 */
public record Works(Path model, Texts texts) {
    private static final RequestReader READER = new RequestReader();
    private static final int RANK = 8;
    private static final double ALPHA = 16;
    private static final double LEARNING_RATE = 1e-4;
    private static final int NEVER = 1_000_000;

    public ModelSource source() {
        return new ModelSource.Folder(model.toString(), null);
    }

    public ModelConfig config() {
        return ModelConfig.read(model);
    }

    /** A request with every default filled in. */
    public PruningRequest request(ObjectNode method, int samples, int length, double share) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", model.toString());
        request.set("method", method);
        request.putObject("target").put("parameters", share);
        request.putObject("calibration").put("text", texts.calibration().toString()).put("samples", samples)
                .put("length", length);
        request.putObject("output").put("location", model.resolveSibling("out").toString());
        return READER.read(request);
    }

    /** {@code {name: NAME, key: value}} */
    public static ObjectNode method(String name, Map<String, String> options) {
        ObjectNode method = JsonNodeFactory.instance.objectNode().put("name", name);
        options.forEach(method::put);
        return method;
    }

    /** Scoring of all layers by all samples. */
    public Work.Score score(PruningRequest request, ArtifactRef calibration) {
        int samples = calibration == null ? 0 : request.calibration().samples();
        return new Work.Score(source(), request.method(), null, calibration,
                new Shard(0, config().layers().size(), 0, samples), 0);
    }

    public Work.Rank rank(PruningRequest request, ArtifactRef statistics) {
        return new Work.Rank(source(), request, List.of(statistics), null, 1, 1, null);
    }

    public Work.Slice slice(PruningRequest request, ArtifactRef plan, ArtifactRef calibration) {
        return new Work.Slice(source(), request.method(), plan, calibration);
    }

    public Work.Perplexity perplexity(int segments, int length) {
        return perplexity(segments, length, ComputeType.FLOAT32);
    }

    public Work.Perplexity perplexity(int segments, int length, ComputeType dtype) {
        return new Work.Perplexity(source(),
                new Evaluation.Perplexity("bench", texts.evaluation().toString(), length, segments), dtype);
    }

    /** Rank {@value #RANK} on all seven matrices, nothing held out, no checkpoints. */
    public Work.Recover recover(int steps, int batch, int microBatch, int length) {
        return new Work.Recover(source(), new Recovery.Lora(texts.training().toString(), RANK, ALPHA, 0, LEARNING_RATE,
                batch, microBatch, 1, length, steps, 1, 0.01, 1, 0, NEVER, NEVER, true), 1);
    }

    /** Writes the result folder of a pruned model; its report says as little as a report may. */
    public Work.Export export(PruningRequest request, ArtifactRef pruned, Path target) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.putObject("job").put("id", "bench").put("state", "RUNNING");
        report.set("request", READER.json(request));
        report.putObject("models").putObject("pruned").put("bytes", pruned.bytes());
        report.putArray("stages");
        report.putObject("environment");
        return new Work.Export(new ModelSource.Tree(pruned), source(), null, null, target.toString(),
                List.of("hf"), report, Map.of());
    }

    public static int rank() {
        return RANK;
    }

    public static double alpha() {
        return ALPHA;
    }

    public static double learningRate() {
        return LEARNING_RATE;
    }
}
