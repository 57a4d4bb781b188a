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
import io.espalier.bench.task.Works;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.Work;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** LoRA recovery: optimizer steps of a RECOVER task, the first not counted, nor reading, merging and writing. */
public final class LoraBenchmark implements Benchmark {
    @Override
    public String name() {
        return "lora";
    }

    @Override
    public String description() {
        return "LoRA recovery on all seven matrices: steps/s, share of the time of its GEMMs alone, peft";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("steps", "timed optimizer steps [3]", "batch", "sequences of a step [8]", "microBatch",
                "of a pass [4]", "maxLength", "tokens of a sequence [128]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        int steps = options.integer("steps", 3, 1);
        int batch = options.integer("batch", 8, 2);
        int microBatch = options.integer("microBatch", 4, 1);
        int length = options.integer("maxLength", 128, 16);
        Path model = bench.models().get(options.shapeOr("llama-300m"));
        var texts = new Texts(options.home());

        double step;
        try (var tasks = new Handled(bench.folder())) {
            Work work = new Works(model, texts).recover(steps + 1, batch, microBatch, length);
            step = tasks.run(work).beats().secondsAfterFirst() / steps;
        }
        Gemms gemms = Gemms.of(ModelConfig.read(model), batch, length, microBatch);
        double alone = gemms.seconds(Gemms.Pass.ADAPTERS, 2);
        double recomputed = gemms.seconds(Gemms.Pass.ADAPTERS.recomputed(), 2);

        String what = "LoRA rank " + Works.rank() + ", " + batch + " x " + length + " tokens a step";
        var result = new Result.Builder()
                .add(Figure.more(what, 1 / step, "steps/s").of("GEMMs of the frozen weights alone", 1 / alone)
                        .noted("forward and gradients of activations, micro-batch " + microBatch))
                .add(Figure.more(what + ", blocks computed twice", 1 / step, "steps/s")
                        .of("GEMMs alone, as a streamed model needs them", 1 / recomputed))
                .add(Figure.more("tokens trained", batch * length / step, "tokens/s"));
        Optional<JsonNode> python = new Peer("lora.py").run(bench, model,
                Texts.segments(model, texts.training(), length, batch), steps, JsonNodeFactory.instance.objectNode()
                        .put("rank", Works.rank()).put("alpha", Works.alpha()).put("microBatch", microBatch)
                        .put("learningRate", Works.learningRate()),
                result);
        python.ifPresent(peer -> result.add(Figure
                .more("speed against peft", peer.path("seconds").asDouble() / step, "x").of("as fast", 1)));
        return result.build();
    }
}
