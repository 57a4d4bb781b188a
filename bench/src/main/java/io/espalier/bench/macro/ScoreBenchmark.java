package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.bench.Bench;
import io.espalier.bench.Benchmark;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.model.Texts;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.task.Handled;
import io.espalier.bench.task.Repeated;
import io.espalier.bench.task.Works;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** LLM-Pruner's first-order Taylor score, whole SCORE tasks: reading the model, forward, backward, statistics. */
public final class ScoreBenchmark implements Benchmark {
    private static final int MICRO_BATCH_TOKENS = 512; // as the handler cuts them

    @Override
    public String name() {
        return "score";
    }

    @Override
    public String description() {
        return "LLM-Pruner's Taylor score: tokens/s, share of the time of its GEMMs alone, a plain torch scorer";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("samples", "calibration sequences [10]", "length", "tokens of each [64]", "repeats",
                "the shortest of so many runs counts [3]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        int samples = options.integer("samples", 10, 2);
        int length = options.integer("length", 64, 16);
        int repeats = options.integer("repeats", 3, 1);
        Path model = bench.models().get(options.shapeOr("llama-300m"));
        ModelConfig config = ModelConfig.read(model);
        int[][] tokens = Texts.tokens(samples, length, config.vocabularySize());
        int count = samples * length;

        var works = new Works(model, new Texts(options.home()));
        PruningRequest request = works.request(Works.method("llm-pruner", Map.of("criterion", "param_first")), samples,
                length, 0.8);

        double task;
        try (var tasks = new Handled(bench.folder())) {
            Work.Score work = works.score(request, tasks.store(tokens));
            tasks.run(work); // warms up
            task = Repeated.shortest(repeats, () -> tasks.run(work).seconds());
        }
        Gemms gemms = Gemms.of(config, samples, length, Math.max(1, MICRO_BATCH_TOKENS / length));
        double alone = gemms.seconds(Gemms.Pass.SCORING, repeats);
        double recomputed = gemms.seconds(Gemms.Pass.SCORING.recomputed(), repeats);

        String what = "Taylor score of " + samples + " x " + length + " tokens";
        var result = new Result.Builder()
                .add(Figure.more(what, count / task, "tokens/s").of("GEMMs of forward and backward alone",
                        count / alone))
                .add(Figure.more(what + ", blocks computed twice", count / task, "tokens/s")
                        .of("GEMMs alone, as a streamed model needs them", count / recomputed))
                .add(Figure.more("arithmetic of forward and backward", gemms.operations(Gemms.Pass.SCORING) / task
                        / 1e9, "GFLOP/s"));
        Optional<JsonNode> python = new Peer("taylor.py").run(bench, model, tokens, repeats,
                JsonNodeFactory.instance.objectNode(), result);
        python.ifPresent(peer -> {
            result.add(Figure.more("speed against plain torch, model in memory", peer.path("seconds").asDouble() / task,
                    "x").of("as fast", 1).noted("torch needs %.2f s without, %.2f s with reading the model".formatted(
                            peer.path("seconds").asDouble(), peer.path("withLoading").asDouble())));
            result.add(Figure.more("speed against plain torch, reading included",
                    peer.path("withLoading").asDouble() / task, "x").of("as fast", 1));
        });
        return result.build();
    }
}
