package io.espalier.bench.simulation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.model.Texts;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.result.Series;
import io.espalier.bench.task.Handled;
import io.espalier.bench.task.Works;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far a deployment scales that is not at hand: up to 64 workers, or hundreds, prune one model by all methods at several
 * sizes, in virtual time. Task times come from real tasks measured on this machine first; what a worker cannot be spared
 * (waiting for the stage before) comes from the coordinator's own decisions.
 */
public final class SimulationBenchmark implements Benchmark {
    private static final int WORKERS = 64;
    /** Numbers of workers whose figures are told, besides the largest. */
    private static final Set<Integer> TOLD = Set.of(1, 8, 64, 128, 256);
    private static final int SIZES = 5;
    private static final double LARGEST = 0.9;
    private static final double SMALLEST = 0.5;
    private static final String[] METHODS = {"llm-pruner", "llm-bip", "numerical", "nirvana", "magnitude"};
    private static final int BATCH = 8;
    private static final int UNBOUNDED = 1_000_000;
    private static final double MILLIS = 1e-3;

    @Override
    public String name() {
        return "simulation";
    }

    @Override
    public String description() {
        return "predicted makespan and utilisation of 64 workers and more, from task times measured here";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("workers", "at most [64]", "sizes", "of the pruned model, each by every method [5]",
                "dispatchMillis", "of a task, see the benchmark dispatch [20]", "decisionMillis",
                "of one report at the coordinator, transaction included [5]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        double dispatch = options.integer("dispatchMillis", 20, 20) * MILLIS;
        double decision = options.integer("decisionMillis", 5, 5) * MILLIS;
        Durations.Rates rates = rates(bench, dispatch);
        String shape = options.shape() == null ? "llama-7b" : options.shape();
        ModelConfig config = ModelConfig.read(bench.models().config(shape));
        List<PruningRequest> requests = requests(options.integer("sizes", SIZES, 1));
        var durations = new Durations(config, requests.getFirst(), rates);
        Map<Work, Double> seconds = new HashMap<>();
        Map<Work, Imagined.Found> found = new HashMap<>();
        var imagined = new Imagined(config);

        Simulated simulated = workers -> {
            var deployment = new Deployment(workers, imagined,
                    work -> seconds.computeIfAbsent(work, durations::seconds),
                    decision, dispatch, found);
            for (int i = 0; i < requests.size(); i++) {
                deployment.submit("job-" + i, requests.get(i));
            }
            return deployment.run();
        };
        return result(shape, requests.size(), options.integer("workers", WORKERS, WORKERS), rates, simulated);
    }

    /** One run of the whole request. */
    private interface Simulated {
        Deployment.Outcome with(int workers);
    }

    private static Result result(String shape, int jobs, int most, Durations.Rates rates, Simulated simulated) {
        Deployment.Outcome unbounded = simulated.with(UNBOUNDED);
        double work = unbounded.busy();
        List<Double> counts = new ArrayList<>();
        List<Double> speedUps = new ArrayList<>();
        List<Double> utilisations = new ArrayList<>();
        var result = new Result.Builder();
        for (int workers = 1; workers <= most; workers *= 2) {
            Deployment.Outcome outcome = simulated.with(workers);
            double bound = Math.max(unbounded.makespan(), outcome.busy() / workers);
            double utilisation = outcome.busy() / (workers * outcome.makespan());
            counts.add((double) workers);
            speedUps.add(work / outcome.makespan());
            utilisations.add(utilisation);
            if (TOLD.contains(workers) || 2 * workers > most) {
                result.add(Figure.less(jobs + " jobs on " + shape + ", " + workers + (workers == 1
                        ? " worker"
                        : " workers") + ": makespan", outcome.makespan(), "s")
                        .of(bound > unbounded.makespan() ? "work / workers" : "longest chain of tasks", bound))
                        .add(Figure.more("utilisation of " + workers, utilisation * 100, "%").of("all busy", 100));
            }
        }
        return result.add(Figure.less("coordinator busy at the longest chain",
                100 * unbounded.coordinator() / unbounded.makespan(), "%"))
                .add(new Series("simulation", shape + ", " + jobs + " jobs", "workers", "speed-up", counts, speedUps))
                .add(new Series("simulation", "all work in parallel", "workers", "speed-up", counts, counts))
                .add(new Series("utilisation", shape + ", " + jobs + " jobs", "workers", "share of the time busy",
                        counts, utilisations))
                .note("measured here: scoring %.0f, evaluation %.0f, training %.0f GFLOP/s, slicing %.0f MB/s"
                        .formatted(
                                rates.scoring() / 1e9, rates.evaluation() / 1e9, rates.training() / 1e9,
                                rates.bytes() / 1e6))
                .note("a worker here is a machine that does one task at a time, of whatever kind")
                .build();
    }

    private static Durations.Rates rates(Bench bench, double dispatch) throws Exception {
        bench.say("measuring real tasks for the simulation");
        Path model = bench.models().get(bench.options().quick() ? "tiny" : "llama-30m");
        var works = new Works(model, new Texts(bench.options().home()));
        int length = bench.options().quick() ? 16 : 128;
        double forward = 2.0 * works.config().parameters() * BATCH * length;
        try (var tasks = new Handled(bench.folder())) {
            PruningRequest request = works.request(Works.method("llm-pruner", Map.of("criterion", "param_first")),
                    BATCH, length, 0.8);
            Work.Score score = works.score(request,
                    tasks.store(Texts.tokens(BATCH, length, works.config().vocabularySize())));
            Work evaluation = works.perplexity(BATCH, length);
            Work training = works.recover(2, BATCH, BATCH, length);
            ArtifactRef plan = tasks.run(works.rank(request, tasks.run(score).output("statistics"))).output("plan");
            Work slice = works.slice(request, plan, null);
            tasks.run(evaluation);
            return new Durations.Rates(4 * forward / tasks.run(score).seconds(),
                    forward / tasks.run(evaluation).seconds(),
                    3 * forward / tasks.run(training).beats().secondsAfterFirst(),
                    2.0 * works.config().bytes() / tasks.run(slice).seconds(), dispatch);
        }
    }

    /** One sweep: every method at every size, perplexities and zero-shot tasks, recovery. */
    private static List<PruningRequest> requests(int sizes) {
        var reader = new RequestReader();
        List<PruningRequest> requests = new ArrayList<>();
        for (String method : METHODS) {
            for (int i = 0; i < sizes; i++) {
                double target = LARGEST - (LARGEST - SMALLEST) * i / Math.max(1, sizes - 1);
                requests.add(reader.read(request(method, target)));
            }
        }
        return requests;
    }

    private static ObjectNode request(String method, double target) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", "/model");
        request.putObject("method").put("name", method);
        if (method.equals("llm-pruner")) {
            ((ObjectNode) request.get("method")).put("criterion", "param_second");
        }
        request.putObject("target").put("parameters", target);
        request.putObject("calibration").put("text", "/text").put("samples", 128).put("length", 128);
        request.putObject("recovery").putObject("lora").put("data", "/data").put("steps", 100).put("maxLength", 256);
        ObjectNode evaluation = request.putObject("evaluation");
        var perplexities = evaluation.putArray("perplexity");
        for (String name : new String[]{"wikitext2", "ptb", "c4"}) {
            perplexities.addObject().put("name", name).put("text", "/text").put("length", 128).put("segments", 256);
        }
        var tasks = evaluation.putArray("tasks");
        for (String name : new String[]{"boolq", "piqa", "hellaswag", "winogrande", "arc_easy", "arc_challenge",
            "openbookqa"}) {
            tasks.addObject().put("name", name).put("data", "/data");
        }
        request.putObject("output").put("location", "/out-" + method + "-" + target);
        return request;
    }
}
