package io.espalier.bench.macro;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.cli.request.UsageException;
import io.espalier.evaluation.Progress;
import io.espalier.evaluation.ZeroShot;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.PairEncoder;
import io.espalier.evaluation.likelihood.Span;
import io.espalier.evaluation.likelihood.SpanScorer;
import io.espalier.evaluation.task.Answer;
import io.espalier.evaluation.task.Question;
import io.espalier.evaluation.task.TaskDataException;
import io.espalier.evaluation.task.ZeroShotTask;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Zero-shot tasks: what it brings that choices are read as branches of what they have in common, on a model in memory. Both
 * ways of reading take turns, so that what disturbs the machine disturbs both.
 */
public final class ZeroShotBenchmark implements Benchmark {
    /** Excerpts of the tasks' own files, as the tests of the evaluation use them. */
    private static final String EXCERPTS = "libs/evaluation/src/test/resources/tasks";
    private static final String TASKS = "arc_easy,hellaswag";

    /** Answers to all questions and what they took. */
    private record Run(List<Answer> answers, long tokens, double seconds) {}

    @Override
    public String name() {
        return "zero-shot";
    }

    @Override
    public String description() {
        return "zero-shot tasks: choices as branches against each read for itself, and against transformers' forward";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("tasks", "comma separated [" + TASKS + "]", "data",
                "folder with TASK.jsonl of each [excerpts of 14 to 24 rows]", "rows", "of each task, at most [1000]",
                "repeats", "the shortest of so many runs counts [3]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        Path data = options.home().resolve(options.text("data", EXCERPTS));
        Path folder = bench.models().get(options.shapeOr("llama-300m"));
        var result = new Result.Builder();
        try (Model model = Model.resident(folder, Device.cpu()); Tokenizer tokenizer = Tokenizer.open(folder)) {
            var encoder = new PairEncoder(tokenizer, PairEncoder.Rule.TOGETHER, model.config().maxPositions());
            for (String name : options.text("tasks", TASKS).split(",")) {
                bench.say("zero-shot: " + name);
                ZeroShotTask task = task(name);
                List<Question> questions = questions(task, data, options.integer("rows", 1000, 2));
                measure(bench, folder, model, encoder, task, questions, result);
            }
        }
        return result.build();
    }

    private static ZeroShotTask task(String name) throws UsageException {
        try {
            return ZeroShotTask.named(name);
        } catch (TaskDataException e) {
            throw new UsageException("--set tasks: " + e.getMessage());
        }
    }

    private static List<Question> questions(ZeroShotTask task, Path data, int rows) throws UsageException {
        try {
            return task.read(data.resolve(task.label() + ".jsonl"), rows);
        } catch (IOException | TaskDataException e) {
            throw new UsageException("--set data: " + e.getMessage());
        }
    }

    private static void measure(Bench bench, Path folder, Model model, PairEncoder encoder, ZeroShotTask task,
            List<Question> questions, Result.Builder result) throws Exception {
        int repeats = bench.options().integer("repeats", 3, 1);
        var branches = new SpanScorer(model, Limits.standard());
        var apart = SpanScorer.apart(model, Limits.standard());
        Run together = run(branches, encoder, task, questions); // warms up
        Run alone = run(apart, encoder, task, questions);
        double shared = Double.POSITIVE_INFINITY;
        double single = Double.POSITIVE_INFINITY;
        for (int i = 0; i < repeats; i++) {
            shared = Math.min(shared, run(branches, encoder, task, questions).seconds());
            single = Math.min(single, run(apart, encoder, task, questions).seconds());
        }
        String name = task.label() + ", " + questions.size() + " questions";
        result.add(Figure.more(name + ", choices as branches", questions.size() / shared, "questions/s").noted(
                "reads %d tokens in %.2f s; each choice for itself: %d in %.2f s".formatted(together.tokens(), shared,
                        alone.tokens(), single)));
        result.add(Figure.more(name + ", branches against each choice for itself", single / shared, "x").of(
                "ratio of the tokens", (double) alone.tokens() / together.tokens()));
        result.add(Figure.less(name + ", largest difference that branches make to a log-likelihood", difference(
                together.answers(), alone.answers().stream().mapToDouble(Answer::logLikelihood).toArray()),
                "millionths"));
        List<Span> spans = questions.stream().flatMap(question -> question.requests().stream()).map(encoder::encode)
                .toList();
        ObjectNode more = JsonNodeFactory.instance.objectNode();
        spans.forEach(span -> more.withArray("targets").add(span.targets()));
        double seconds = shared;
        new Peer("zero_shot.py").run(bench, folder, spans.stream().map(Span::tokens).toArray(int[][]::new), repeats,
                more, result).ifPresent(peer -> compare(peer, name, together, seconds, result));
    }

    private static Run run(SpanScorer scorer, PairEncoder encoder, ZeroShotTask task, List<Question> questions)
            throws InterruptedException {
        var tokens = new AtomicLong();
        Progress count = (ratio, finished) -> tokens.addAndGet(finished);
        long start = System.nanoTime();
        ZeroShot found = ZeroShot.of(scorer, encoder, task, questions, count);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Run(found.samples().stream().flatMap(sample -> sample.answers().stream()).toList(), tokens.get(),
                seconds);
    }

    private static void compare(JsonNode peer, String name, Run ours, double seconds, Result.Builder result) {
        var scores = new double[ours.answers().size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = peer.path("scores").path(i).asDouble();
        }
        result.add(Figure.more(name + ", against transformers in batches of eight", peer.path("seconds").asDouble()
                / seconds, "x").of("as fast", 1));
        result.add(Figure.less(name + ", largest difference of a log-likelihood from transformers'", difference(ours
                .answers(), scores), "millionths"));
    }

    /** Largest relative one, in millionths. */
    private static double difference(List<Answer> answers, double[] expected) {
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(answers.get(i).logLikelihood() / expected[i] - 1));
        }
        return largest * 1e6;
    }
}
