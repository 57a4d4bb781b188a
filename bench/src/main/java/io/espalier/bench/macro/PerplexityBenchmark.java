package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.model.Texts;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.task.Handled;
import io.espalier.bench.task.Repeated;
import io.espalier.bench.task.Works;
import io.espalier.cli.request.UsageException;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.ComputeType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Perplexity, whole EVALUATE tasks: reading the model, tokenising, forward, loss. */
public final class PerplexityBenchmark implements Benchmark {
    @Override
    public String name() {
        return "perplexity";
    }

    @Override
    public String description() {
        return "perplexity: tokens/s, share of the time of its GEMMs alone, transformers' forward";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("segments", "segments of text [16]", "segmentLength", "tokens of each [128]", "dtype",
                "of the linear layers: float32 or bfloat16 (transformers: of all) [float32]", "repeats",
                "the shortest of so many runs counts [3]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        int segments = options.integer("segments", 16, 2);
        int length = options.integer("segmentLength", 128, 16);
        int repeats = options.integer("repeats", 3, 1);
        ComputeType dtype = dtype(options);
        Path model = bench.models().get(options.shapeOr("llama-300m"));
        var texts = new Texts(options.home());
        int count = segments * length;

        double task;
        double perplexity;
        try (var tasks = new Handled(bench.folder())) {
            Work work = new Works(model, texts).perplexity(segments, length, dtype);
            perplexity = tasks.run(work).result().facts().path("perplexity").asDouble(); // warms up
            task = Repeated.shortest(repeats, () -> tasks.run(work).seconds());
        }
        Gemms gemms = Gemms.of(ModelConfig.read(model), segments, length,
                Math.max(1, Limits.standard().microBatchTokens() / length)).in(dtype);
        double alone = gemms.seconds(Gemms.Pass.FORWARD, repeats);

        var result = new Result.Builder()
                .add(Figure.more("perplexity of " + segments + " x " + length + " tokens", count / task, "tokens/s")
                        .of("its GEMMs alone", count / alone));
        Optional<JsonNode> python = new Peer("perplexity.py").run(bench, model,
                Texts.segments(model, texts.evaluation(), length, segments), repeats,
                JsonNodeFactory.instance.objectNode().put("dtype", dtype.label()), result);
        python.ifPresent(peer -> result
                .add(Figure.more("speed against transformers, model in memory", peer.path("seconds").asDouble() / task,
                        "x").of("as fast", 1))
                .add(Figure.more("speed against transformers, reading included",
                        peer.path("withLoading").asDouble() / task, "x").of("as fast", 1))
                .add(Figure.less("relative difference of the perplexities",
                        Math.abs(peer.path("perplexity").asDouble() / perplexity - 1) * 1e6, "millionths")));
        return result.build();
    }

    private static ComputeType dtype(BenchOptions options) throws UsageException {
        String label = options.text("dtype", ComputeType.FLOAT32.label());
        return Arrays.stream(ComputeType.values()).filter(type -> type.label().equals(label)).findFirst()
                .orElseThrow(() -> new UsageException("--set dtype=" + label + ": must be float32 or bfloat16"));
    }
}
