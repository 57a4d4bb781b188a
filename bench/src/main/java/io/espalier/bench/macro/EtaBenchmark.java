package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How far the coordinator's estimates are from the truth: jobs of several kinds and sizes run, first one after the other,
 * then all at once so that they wait for each other; every estimate is held against the end that came.
 */
public final class EtaBenchmark implements Benchmark {
    private static final double PERCENT = 100;

    @Override
    public String name() {
        return "eta";
    }

    @Override
    public String description() {
        return "error of the estimated remaining time, of jobs alone and of jobs that wait, and how often the range holds";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("jobs", "one after the other, then as many at once [8]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        int jobs = options.integer("jobs", 8, 2);
        Path folder = bench.folder().resolve("eta");
        // The cache would answer what was done before, which no estimate knows.
        try (Stack stack = Stack.start(bench, folder, new Stack.Workers(1, 1, 1), Map.of("ESPALIER_CACHE", "off"))) {
            for (int i = 0; i < jobs; i++) {
                stack.run(request(options.home(), folder, "first-" + i, i));
            }
            EstimateTrace alone = new EstimateTrace(stack.client());
            for (int i = 0; i < jobs; i++) {
                alone.watch(List.of(request(options.home(), folder, "alone-" + i, i)));
            }
            EstimateTrace together = new EstimateTrace(stack.client());
            List<ObjectNode> all = new ArrayList<>();
            for (int i = 0; i < jobs; i++) {
                all.add(request(options.home(), folder, "together-" + i, i));
            }
            together.watch(all);
            Result.Builder result = new Result.Builder();
            add(result, "alone", alone);
            add(result, jobs + " at once", together);
            return result.build();
        }
    }

    private static void add(Result.Builder result, String how, EstimateTrace trace) {
        result.add(Figure.less(how + ": error of the middle, median", trace.errors().at(50) * PERCENT, "%").noted(trace
                .errors().count() + " estimates"));
        result.add(Figure.less(how + ": error of the middle, p90", trace.errors().at(90) * PERCENT, "%"));
        result.add(Figure.more(how + ": true end inside the range", trace.inside() * PERCENT, "%").of(
                "four of five", 80));
        result.add(Figure.less(how + ": width of the range over its middle, median", trace.widths().at(50) * PERCENT,
                "%"));
    }

    /** Kinds that differ in what takes the time. */
    private static ObjectNode request(Path home, Path folder, String name, int i) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("name", name)
                .put("model", home.resolve("examples/models/stories").toString());
        String data = home.resolve("examples/data") + "/";
        if (i % 2 == 0) {
            request.putObject("method").put("name", "magnitude");
        } else {
            request.putObject("method").put("name", "llm-pruner").put("criterion", "param_second");
            request.putObject("calibration").put("text", data + "tinystories-calibration.jsonl")
                    .put("samples", 8 + 4 * i)
                    .put("length", 128);
            request.putObject("recovery").putObject("lora").put("data", data + "tinystories-train.jsonl").put("steps",
                    10 + 5 * i).put("batch", 8).put("microBatch", 8).put("maxLength", 128).put("validation", 16)
                    .put("warmup", 2).put("evaluateEvery", 10);
        }
        request.putObject("target").put("parameters", 0.9);
        request.putObject("evaluation").putArray("perplexity").addObject().put("name", "tiny").put("text", data
                + "tinystories-valid.txt").put("length", 128).put("segments", 60 + 40 * i);
        request.putObject("output").put("location", folder.resolve("out-" + name).toString());
        return request;
    }
}
