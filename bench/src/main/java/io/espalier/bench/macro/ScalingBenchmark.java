package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.model.Texts;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.result.Series;
import io.espalier.bench.task.Works;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.topic.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a second and a fourth worker bring, each with one thread, through the whole stack: time of the stage that fans out.
 * The limit is the number of workers, or of cores where there are fewer. Plans must be the same to the last bit.
 */
public final class ScalingBenchmark implements Benchmark {
    private static final int[] WORKERS = {1, 2, 4};
    private static final Map<String, String> ONE_THREAD = Map.of("ESPALIER_THREADS", "1", "OMP_NUM_THREADS", "1",
            "ESPALIER_CACHE", "off");

    /** What fans out, by the job that shows it. */
    private enum Fan {
        STATISTICS("sharded statistics", StageName.SCORE), TAYLOR("Taylor score of a mean gradient",
                StageName.SCORE), CANDIDATES("candidates of a search", StageName.SEARCH), EVALUATION(
                        "evaluation", StageName.EVALUATE);

        private final String label;
        private final StageName stage;

        Fan(String label, StageName stage) {
            this.label = label;
            this.stage = stage;
        }
    }

    /** Seconds of a stage, and the plan that came out. */
    private record Seen(double seconds, ArtifactRef plan) {}

    @Override
    public String name() {
        return "scaling";
    }

    @Override
    public String description() {
        return "1, 2 and 4 workers with one thread each: statistics, Taylor score, candidates, evaluation";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("samples", "calibration sequences of 64 tokens [64]", "segments",
                "of 128 tokens in the evaluation [64]", "workers", "at most [4]", "fans",
                "comma separated: statistics, taylor, candidates, evaluation [all]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        int most = bench.options().integer("workers", WORKERS[WORKERS.length - 1], 2);
        Path model = bench.models().get(bench.options().shapeOr("llama-30m"));
        Map<Fan, List<Seen>> seen = new EnumMap<>(Fan.class);
        List<Double> counts = new ArrayList<>();
        for (int workers : WORKERS) {
            if (workers <= most) {
                bench.say(workers + (workers == 1 ? " worker" : " workers") + " of each kind");
                counts.add((double) workers);
                measure(bench, model, workers)
                        .forEach((fan, found) -> seen.computeIfAbsent(fan, f -> new ArrayList<>()).add(found));
            }
        }
        return result(counts, seen);
    }

    private static Map<Fan, Seen> measure(Bench bench, Path model, int workers) throws Exception {
        Path folder = bench.folder().resolve("scaling-" + workers);
        Map<Fan, Seen> seen = new EnumMap<>(Fan.class);
        try (Stack stack = Stack.start(bench, folder, new Stack.Workers(workers, 1, workers), ONE_THREAD)) {
            for (Fan fan : Fan.values()) {
                if (bench.options().text("fans", fan.name()).toUpperCase().contains(fan.name())) {
                    JobSnapshot job = stack.run(request(bench.options(), model, fan, folder));
                    seen.put(fan, new Seen(job.stages().stream().filter(stage -> stage.stage() == fan.stage)
                            .mapToDouble(JobSnapshot.Stage::wallSeconds).sum(), job.planArtifact()));
                }
            }
        }
        return seen;
    }

    private static ObjectNode request(BenchOptions options, Path model, Fan fan, Path folder) throws Exception {
        int samples = options.integer("samples", 64, 4);
        ObjectNode method = switch (fan) {
            case STATISTICS -> Works.method("llm-pruner", Map.of("criterion", "param_second"));
            case TAYLOR -> Works.method("llm-pruner", Map.of("criterion", "param_first"));
            case CANDIDATES -> Works.method("search", Map.of()).put("population", 8).put("mutants", 4)
                    .put("crossovers", 2).put("survivors", 4).put("generations", options.quick() ? 1 : 4)
                    .put("tolerance", 0.05);
            case EVALUATION -> Works.method("magnitude", Map.of());
        };
        ObjectNode request = Json.requests().valueToTree(new Works(model, new Texts(options.home())).request(method,
                samples, 64, 0.8));
        request.put("name", "scaling-" + fan.name().toLowerCase());
        if (fan == Fan.EVALUATION) {
            var perplexities = request.putObject("evaluation").putArray("perplexity");
            for (int i = 0; i < 4; i++) { // two models each: eight equal tasks
                perplexities.addObject().put("name", "text" + i)
                        .put("text", new Texts(options.home()).evaluation().toString()).put("length", 128)
                        .put("segments", options.integer("segments", 64, 2));
            }
        }
        request.putObject("output").put("location", folder.resolve("out-" + fan.name()).toString());
        return request;
    }

    private static Result result(List<Double> counts, Map<Fan, List<Seen>> seen) {
        int cores = Runtime.getRuntime().availableProcessors();
        var result = new Result.Builder();
        seen.forEach((fan, runs) -> {
            double alone = runs.getFirst().seconds();
            List<Double> speedUps = runs.stream().map(run -> alone / run.seconds()).toList();
            for (int i = 1; i < runs.size(); i++) {
                double limit = Math.min(cores, counts.get(i));
                result.add(Figure.more(fan.label + ", " + counts.get(i).intValue() + " workers", speedUps.get(i), "x")
                        .of(limit < counts.get(i) ? "cores of this machine" : "workers", limit)
                        .noted("%s alone %.1f s, then %.1f s; plan %s".formatted(fan.stage, alone,
                                runs.get(i).seconds(), samePlan(runs, i) ? "the same" : "DIFFERS")));
            }
            result.add(new Series("scaling", fan.label, "workers", "speed-up", counts, speedUps));
        });
        return result.build();
    }

    private static boolean samePlan(List<Seen> runs, int index) {
        return runs.getFirst().plan().equals(runs.get(index).plan());
    }
}
