package io.espalier.bench.macro;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.model.Texts;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.task.Handled;
import io.espalier.gpu.recover.RecoverHandler;
import io.espalier.model.config.ModelConfig;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Recovery;
import io.espalier.worker.task.ResidentWeights;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** LoRA recovery: optimizer steps of a RECOVER task, the first not counted, nor reading, merging and writing. */
public final class LoraBenchmark implements Benchmark {
    private static final int RANK = 8;
    private static final double ALPHA = 16;
    private static final double LEARNING_RATE = 1e-4;
    private static final long BOUNDARY_BYTES = 512L << 20; // as the gpu-worker has it
    private static final int NEVER = 1_000_000;

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
        Path data = Texts.training(options);

        double step = secondsOfSteps(bench, model, new Recovery.Lora(data.toString(), RANK, ALPHA, 0, LEARNING_RATE,
                batch, microBatch, 1, length, steps + 1, 1, 0.01, 1, 0, NEVER, NEVER, true)) / steps;
        Gemms gemms = Gemms.of(ModelConfig.read(model), batch, length, microBatch);
        double alone = gemms.seconds(Gemms.Pass.ADAPTERS, 2);

        var result = new Result.Builder()
                .add(Figure.more("LoRA rank " + RANK + ", " + batch + " x " + length + " tokens a step, micro-batch "
                        + microBatch, 1 / step, "steps/s").of("its GEMMs alone", 1 / alone)
                        .noted("GEMMs of the frozen weights: forward, recomputed forward, gradients of activations"))
                .add(Figure.more("tokens trained", batch * length / step, "tokens/s"));
        Optional<JsonNode> python = new Peer("lora.py").run(bench, model,
                Texts.segments(model, data, length, batch), steps, JsonNodeFactory.instance.objectNode()
                        .put("rank", RANK).put("alpha", ALPHA).put("microBatch", microBatch)
                        .put("learningRate", LEARNING_RATE),
                result);
        python.ifPresent(peer -> result.add(Figure
                .more("speed against peft", peer.path("seconds").asDouble() / step, "x").of("as fast", 1)));
        return result.build();
    }

    /** Of all steps but the first together. */
    private static double secondsOfSteps(Bench bench, Path model, Recovery.Lora settings) throws Exception {
        try (var tasks = new Handled(bench.folder())) {
            var handler = new RecoverHandler(Device.cpu(), ResidentWeights.bytes(Settings.fromEnv(System.getenv())),
                    BOUNDARY_BYTES);
            var work = new Work.Recover(new ModelSource.Folder(model.toString(), null), settings, 1);
            return tasks.run(handler, work).beats().secondsAfterFirst();
        }
    }
}
