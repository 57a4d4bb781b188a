package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.model.Texts;
import io.espalier.bench.process.CpuQuota;
import io.espalier.bench.process.TaskChild;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.result.Series;
import io.espalier.bench.task.Works;
import io.espalier.cli.request.UsageException;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a second and a fourth worker bring, each with one thread, through the whole stack: time of the stage that fans out,
 * with so many workers of the kind that does it and one of each other kind, after a like job that warms them up: a JVM
 * that has just started compiles on cores that it should compute on. The limit is what as many bare processes bring on this
 * machine, as far as it has cores: they share its memory too. Plans must be the same to the last bit. With
 * {@code cores} each worker and each bare process is held to a share of a core, as if there were more of them.
 */
public final class ScalingBenchmark implements Benchmark {
    private static final int[] WORKERS = {1, 2, 4};
    private static final int CANDIDATE_LENGTH = 128;
    /** Sequences that half of the training text yields with any tokenizer; the other half is the probe's. */
    private static final int LEAST_TEXT = 128;
    /** Of a bare process, whose workers' likes are warm as well. */
    private static final int RUNS = 8;
    private static final Map<String, String> ONE_THREAD = Map.of("ESPALIER_THREADS", "1", "OMP_NUM_THREADS", "1",
            "ESPALIER_CACHE", "off");

    /** What fans out, by the job that shows it. */
    private enum Fan {
        STATISTICS("sharded statistics", StageName.SCORE), TAYLOR("Taylor score in ranges of layers",
                StageName.SCORE), SEARCH("candidates of Search", StageName.SEARCH), ADAPRUNER("trials of AdaPruner",
                        StageName.SEARCH), EVALUATION("evaluation", StageName.EVALUATE);

        private final String label;
        private final StageName stage;

        Fan(String label, StageName stage) {
            this.label = label;
            this.stage = stage;
        }

        String setting() {
            return name().toLowerCase(Locale.ROOT);
        }

        Stack.Workers workers(int count) {
            return stage == StageName.SCORE ? new Stack.Workers(count, 1, 1) : new Stack.Workers(1, 1, count);
        }
    }

    /**
     * @param candidates measured in the stage, 0 where it has none
     * @param plan       what came out
     */
    private record Seen(double seconds, double candidates, ArtifactRef plan) {}

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
                "of 128 tokens in the evaluation, and of each candidate [64]", "workers", "at most [4]", "fans",
                "comma separated: statistics, taylor, search, adapruner, evaluation [all]", "cores",
                "share of a core that each worker is held to, by control groups [1, not held]", "model",
                "folder of a checkpoint, instead of random weights in the --shape");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        int most = options.integer("workers", WORKERS[WORKERS.length - 1], 2);
        Path model = options.settings().containsKey("model")
                ? options.home().resolve(options.text("model", "")).normalize()
                : bench.models().get(options.shapeOr("llama-30m"));
        List<Integer> counts = Arrays.stream(WORKERS).filter(workers -> workers <= most).boxed().toList();
        Map<Fan, List<Seen>> seen = new EnumMap<>(Fan.class);
        for (Fan fan : fans(options)) {
            for (int workers : counts) {
                bench.say(fan.label + ", " + workers + (workers == 1 ? " worker" : " workers"));
                seen.computeIfAbsent(fan, f -> new ArrayList<>()).add(measure(bench, model, fan, workers));
            }
        }
        return result(counts, seen, bare(bench, model, counts), cores(options));
    }

    /** By number of processes, as far as there are cores: how many times the perplexities of one they do at once. */
    private static Map<Integer, Double> bare(Bench bench, Path model, List<Integer> counts) throws Exception {
        Map<Integer, Double> seconds = new HashMap<>();
        for (int count : counts) {
            int processes = processes(count, cores(bench.options()));
            if (!seconds.containsKey(processes)) {
                bench.say("bare processes, without broker and coordinator: " + processes);
                seconds.put(processes, together(bench, model, processes));
            }
        }
        Map<Integer, Double> speedUps = new HashMap<>();
        seconds.forEach((processes, taken) -> speedUps.put(processes, processes * seconds.get(1) / taken));
        return speedUps;
    }

    private static int processes(int workers, double cores) {
        return Math.min(workers, (int) (Runtime.getRuntime().availableProcessors() / cores));
    }

    private static double cores(BenchOptions options) throws UsageException {
        return options.share("cores");
    }

    /** Mean seconds of a perplexity in each of some processes, once they are warm. */
    private static double together(Bench bench, Path model, int processes) throws Exception {
        Work work = new Works(model, new Texts(bench.options().home())).perplexity(segments(bench.options()),
                CANDIDATE_LENGTH);
        try (var quota = new CpuQuota(cores(bench.options()));
                ExecutorService threads = Executors.newFixedThreadPool(processes)) {
            List<Future<TaskChild.Took>> running = new ArrayList<>();
            for (int i = 0; i < processes; i++) {
                Path folder = bench.folder().resolve("bare-" + i);
                running.add(threads.submit(() -> TaskChild.run(work, folder, ONE_THREAD, RUNS, quota)));
            }
            double seconds = 0;
            for (Future<TaskChild.Took> process : running) {
                seconds += process.get().seconds() / processes;
            }
            return seconds;
        }
    }

    private static List<Fan> fans(BenchOptions options) throws UsageException {
        List<Fan> all = List.of(Fan.values());
        List<String> wanted = List.of(options.text("fans", String.join(",", all.stream().map(Fan::setting).toList()))
                .split(","));
        List<Fan> fans = all.stream().filter(fan -> wanted.contains(fan.setting())).toList();
        if (fans.size() < wanted.size()) {
            throw new UsageException("--set fans=" + options.text("fans", "") + ": of "
                    + String.join(", ", all.stream().map(Fan::setting).toList()));
        }
        return fans;
    }

    private static Seen measure(Bench bench, Path model, Fan fan, int workers) throws Exception {
        Path folder = bench.folder().resolve("scaling-" + fan.setting() + "-" + workers);
        try (Stack stack = Stack.start(bench, folder, fan.workers(workers), ONE_THREAD, cores(bench
                .options()))) {
            stack.run(request(bench.options(), model, fan, workers, folder.resolve("warm"), true));
            JobSnapshot job = stack.run(request(bench.options(), model, fan, workers, folder.resolve("out"), false));
            List<JobSnapshot.Stage> stages = job.stages().stream().filter(stage -> stage.stage() == fan.stage).toList();
            double tokens = fan.stage == StageName.SEARCH
                    ? stages.stream().mapToLong(JobSnapshot.Stage::tokens).sum()
                    : 0;
            return new Seen(stages.stream().mapToDouble(JobSnapshot.Stage::wallSeconds).sum(),
                    Math.rint(tokens / (segments(bench.options()) * CANDIDATE_LENGTH)), job.planArtifact());
        }
    }

    private static int segments(BenchOptions options) throws UsageException {
        return options.integer("segments", 64, 2);
    }

    /** @param once only the first round of candidates */
    private static ObjectNode request(BenchOptions options, Path model, Fan fan, int workers, Path out,
            boolean once) throws Exception {
        int segments = segments(options);
        var texts = new Texts(options.home());
        ObjectNode method = switch (fan) {
            case STATISTICS -> Works.method("llm-pruner", Map.of("criterion", "param_second"));
            case TAYLOR -> inRanges(Works.method("llm-pruner", Map.of("criterion", "param_first")), workers);
            case SEARCH -> Works.method("search", Map.of()).put("population", 16).put("mutants", 8)
                    .put("crossovers", 4).put("survivors", 4).put("generations", once || options.quick() ? 1 : 4)
                    .put("segments", segments).put("tolerance", 0.05);
            case ADAPRUNER -> Works.method("adapruner", Map.of()).put("trials", once || options.quick() ? 10 : 42)
                    .put("subsets", 8).put("subsetSize", 4).put("validationSamples", Math.min(segments, LEAST_TEXT))
                    .put("validationLength", CANDIDATE_LENGTH);
            case EVALUATION -> Works.method("magnitude", Map.of());
        };
        int samples = options.integer("samples", 64, 4);
        ObjectNode request = Json.requests().valueToTree(new Works(model, texts).request(method,
                switch (fan) {
                    case SEARCH -> Math.max(samples, segments);
                    case ADAPRUNER -> Math.min(samples, LEAST_TEXT);
                    default -> samples;
                },
                fan == Fan.SEARCH ? CANDIDATE_LENGTH : 64, 0.8));
        request.withObject("/calibration").put("text", texts.training().toString());
        request.put("name", "scaling-" + fan.setting());
        if (fan == Fan.EVALUATION) {
            ObjectNode evaluation = request.putObject("evaluation").put("cost", false); // one task, which comes last
            var perplexities = evaluation.putArray("perplexity");
            for (int i = 0; i < 4; i++) { // two models each: eight equal tasks
                perplexities.addObject().put("name", "text" + i)
                        .put("text", texts.evaluation().toString()).put("length", 128)
                        .put("segments", segments);
            }
        }
        request.putObject("output").put("location", out.toString());
        return request;
    }

    /** As many ranges of layers as there are workers. */
    private static ObjectNode inRanges(ObjectNode method, int workers) {
        return workers == 1 ? method : method.put("layerRanges", workers);
    }

    private static Result result(List<Integer> counts, Map<Fan, List<Seen>> seen, Map<Integer, Double> bare,
            double cores) {
        var result = new Result.Builder();
        seen.forEach((fan, runs) -> {
            double alone = runs.getFirst().seconds();
            List<Double> speedUps = runs.stream().map(run -> alone / run.seconds()).toList();
            for (int i = 1; i < runs.size(); i++) {
                result.add(Figure.more(fan.label + ", " + counts.get(i) + " workers", speedUps.get(i), "x")
                        .of("as many bare processes", bare.get(processes(counts.get(i), cores)))
                        .noted("%s alone %s, then %s; plan %s%s".formatted(fan.stage, told(runs.getFirst()),
                                told(runs.get(i)), samePlan(runs, i) ? "the same" : "DIFFERS", cores < 1
                                        ? "; each held to " + cores + " of a core"
                                        : "")));
            }
            result.add(new Series("scaling", fan.label, "workers", "speed-up",
                    counts.stream().map(Integer::doubleValue).toList(),
                    speedUps));
        });
        return result.build();
    }

    private static String told(Seen run) {
        return run.candidates() == 0
                ? "%.1f s".formatted(run.seconds())
                : "%.1f s, %.3f candidates/s".formatted(run.seconds(), run.candidates() / run.seconds());
    }

    private static boolean samePlan(List<Seen> runs, int index) {
        return runs.getFirst().plan().equals(runs.get(index).plan());
    }
}
