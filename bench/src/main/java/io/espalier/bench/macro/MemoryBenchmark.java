package io.espalier.bench.macro;

import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.model.Texts;
import io.espalier.bench.process.TaskChild;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.task.Handled;
import io.espalier.bench.task.Works;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.MethodCatalogue;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.SliceMemory;
import io.espalier.report.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Peak resident memory of every method's scorer, and of what follows it, each in a fresh process. Models are streamed here
 * even where they would fit: the question is what a model needs that does not.
 */
public final class MemoryBenchmark implements Benchmark {
    private static final double MEBIBYTE = 1 << 20;
    private static final long PLENTY = 1L << 40;
    private static final String FLOOR = "engine started and one block in fp32, its copies included";

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String description() {
        return "peak resident memory of every scorer, slicing, repair, evaluation, LoRA and export, models streamed";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("tasks",
                "comma separated: methods, or with an option as in 'llm-pruner param_mix', slice, repair, perplexity, lora, export [all]",
                "samples",
                "calibration sequences [10]", "length", "tokens of each [64]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        String shape = options.shapeOr("llama-30m");
        Path model = bench.models().get(shape);
        var run = new Run(bench, new Works(model, new Texts(options.home())), bench.folder().resolve("memory"),
                new Result.Builder(), options.integer("samples", 10, 2), options.integer("length", 64, 16));
        ModelConfig config = ModelConfig.read(model);
        run.result().note(shape + ": " + Figures.bytes(config.bytes()) + " as stored, "
                + Figures.bytes(config.parameters() * Float.BYTES) + " in fp32, its largest block "
                + Figures.bytes(config.largestLayerParameters() * Float.BYTES) + " in fp32");
        for (Scorer scorer : scorers()) {
            if (run.wants(scorer.method()) || run.wants(scorer.name())) {
                run.score(scorer);
            }
        }
        run.afterScoring();
        return run.result().build();
    }

    /**
     * A method with the options that decide what its scorer holds.
     *
     * @param options none for the defaults
     */
    private record Scorer(String method, Map<String, String> options) {
        String name() {
            return options.isEmpty() ? method : method + " " + String.join(" ", options.values());
        }
    }

    /** Every method that looks at a model, with each of its kinds of scorers that go block by block. */
    private static List<Scorer> scorers() {
        return new RequestReader().methods().all().stream().map(MethodCatalogue.Method::name)
                .filter(name -> !name.equals("random"))
                .flatMap(name -> options(name).map(options -> new Scorer(name, options))).toList();
    }

    private static Stream<Map<String, String>> options(String method) {
        return switch (method) {
            case "llm-pruner" -> Stream.of(Map.of("criterion", "vectorize"), Map.of("criterion", "param_first"),
                    Map.of("criterion", "param_second"), Map.of("criterion", "param_mix"),
                    Map.of("mode", "channel-wise"));
            case "magnitude" -> Stream.of(Map.of("norm", "l1"), Map.of("norm", "l2"));
            case "nirvana" -> Stream.of(Map.of("saliency", "ntk"), Map.of("saliency", "magnitude"));
            case "llm-bip" -> Stream.of(Map.of("ffnGain", "plain"), Map.of("ffnGain", "gated"));
            default -> Stream.of(Map.of());
        };
    }

    /** One model's measurements; artifacts of one task are inputs of the next. */
    private record Run(Bench bench, Works works, Path folder, Result.Builder result, int samples, int length) {
        boolean wants(String task) {
            String only = bench.options().text("tasks", "");
            return only.isEmpty() || Set.of(only.split(",")).contains(task);
        }

        void score(Scorer scorer) throws Exception {
            var options = new MethodOptions(request(scorer, samples).method().json());
            PruningMethod method = Methods.named(scorer.method());
            Scoring scoring = method.scoring(options);
            int sequences = Math.max(samples, scoring.together());
            Work.Score work = works.score(request(scorer, sequences),
                    scoring.calibrated() ? calibration(sequences) : null);
            int copies = method.blockCopies(options);
            MemoryPlan plan = MemoryPlan.streaming(MemoryPlan.Need.of(method, options,
                    works.config(), scoring.calibrated() ? sequences : 0, length));
            String name = scorer.name() + ": scoring "
                    + (scoring.calibrated() ? sequences + " x " + length : "weights");
            measure(name, work, copies, plan);
        }

        private TaskChild.Took slice(String name, PruningRequest request, ArtifactRef plan, ArtifactRef calibration)
                throws IOException, InterruptedException {
            var options = new MethodOptions(request.method().json());
            var memory = new SliceMemory(Methods.named(options.name()), options, works.config(),
                    calibration == null ? 0 : samples, length);
            return measure(name, works.slice(request, plan, calibration), 1, memory.streaming());
        }

        /** A plan by magnitude, then what is done with it. */
        void afterScoring() throws Exception {
            if (Stream.of("slice", "repair", "export", "perplexity", "lora").noneMatch(this::wants)) {
                return;
            }
            PruningRequest request = request(new Scorer("magnitude", Map.of()), samples);
            if (wants("slice") || wants("repair") || wants("export")) {
                ArtifactRef statistics = TaskChild.run(works.score(request, null), folder,
                        environment(PLENTY))
                        .output("statistics");
                ArtifactRef plan = TaskChild.run(works.rank(request, statistics), folder, environment(PLENTY))
                        .output("plan");
                if (wants("repair")) {
                    slice("slicing to 80 %% with least-squares repair, %d x %d".formatted(samples, length),
                            request(new Scorer("search", Map.of()), samples), plan, calibration(samples));
                }
                if (wants("slice") || wants("export")) {
                    ArtifactRef pruned = slice("slicing to 80 %", request, plan, null).output("model");
                    if (wants("export")) {
                        measure("export", works.export(request, pruned, folder.resolve("out")), 0);
                    }
                }
            }
            if (wants("perplexity")) {
                measure("perplexity, 4 x " + length, works.perplexity(4, length), 1);
            }
            if (wants("lora")) {
                measure("LoRA, 2 steps of 4 x " + length, works.recover(2, 4, 2, length), 1);
            }
        }

        /** Streamed, scoring and slicing within so many bytes, and with as many threads as asked for. */
        private Map<String, String> environment(long memory) {
            return Map.of("ESPALIER_RESIDENT_MEBIBYTES", "0", "ESPALIER_MEMORY_MEBIBYTES",
                    Long.toString(Math.ceilDiv(memory, 1 << 20)), "OMP_NUM_THREADS",
                    Integer.toString(bench.options().threadsOrAll()));
        }

        private PruningRequest request(Scorer scorer, int sequences) {
            return works.request(Works.method(scorer.method(), scorer.options()), sequences, length, 0.8);
        }

        private ArtifactRef calibration(int sequences) throws IOException {
            try (var tasks = new Handled(folder)) {
                return tasks.store(Texts.tokens(sequences, length, works.config().vocabularySize()));
            }
        }

        /** Told to do with the plan's memory, and held against it. */
        private TaskChild.Took measure(String name, Work work, int blockCopies, MemoryPlan plan)
                throws IOException, InterruptedException {
            TaskChild.Took took = measure(name, work, blockCopies, plan.total());
            result.add(Figure.less(name + ", against its memory plan", took.peakBytes() / MEBIBYTE, "MiB")
                    .of("what the plan says", plan.total() / MEBIBYTE));
            return took;
        }

        private TaskChild.Took measure(String name, Work work, int blockCopies)
                throws IOException, InterruptedException {
            return measure(name, work, blockCopies, PLENTY);
        }

        private TaskChild.Took measure(String name, Work work, int blockCopies, long memory)
                throws IOException, InterruptedException {
            bench.say(name);
            TaskChild.Took took = TaskChild.run(work, folder, environment(memory));
            double floor = took.startBytes()
                    + (double) blockCopies * works.config().largestLayerParameters() * Float.BYTES;
            result.add(Figure.less(name, took.peakBytes() / MEBIBYTE, "MiB").of(FLOOR, floor / MEBIBYTE)
                    .noted("%.1f s".formatted(took.seconds())));
            return took;
        }
    }
}
