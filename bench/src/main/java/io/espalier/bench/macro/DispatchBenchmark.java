package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Percentiles;
import io.espalier.bench.result.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How long a task waits for an idle worker, through the real broker and the real coordinator: from its publication to the
 * start of its first attempt. Jobs run one after the other; after the first, the cache answers every task.
 */
public final class DispatchBenchmark implements Benchmark {
    private static final double MILLIS = 1e3;

    @Override
    public String name() {
        return "dispatch";
    }

    @Override
    public String description() {
        return "latency from the publication of a task to its start, p50 and p99, beside a plain Kafka round trip";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("jobs", "one after the other [40]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        int jobs = options.integer("jobs", 40, 2);
        Path folder = bench.folder().resolve("dispatch");
        List<Double> wholeJobs = new ArrayList<>();
        try (Stack stack = Stack.start(bench, folder, new Stack.Workers(1, 1, 1), Map.of())) {
            Percentiles trips = new Percentiles(new RoundTrips(stack.bootstrapServers()).seconds(5 * jobs));
            try (var latencies = new TaskLatencies(stack.bootstrapServers())) {
                for (int i = 0; i < jobs; i++) {
                    long start = System.nanoTime();
                    stack.run(request(options.home(), folder.resolve("out-" + i)));
                    wholeJobs.add((System.nanoTime() - start) / 1e9);
                }
                return result(new Percentiles(latencies.seconds()), trips, new Percentiles(wholeJobs));
            }
        }
    }

    private static Result result(Percentiles tasks, Percentiles trips, Percentiles jobs) {
        String plain = "plain Kafka, produce to consume";
        return new Result.Builder()
                .add(Figure.less("publication to start, p50", tasks.at(50) * MILLIS, "ms").of(plain + ", p50",
                        trips.at(50) * MILLIS).noted(tasks.count() + " tasks that found their worker idle"))
                .add(Figure.less("publication to start, p99", tasks.at(99) * MILLIS, "ms").of(plain + ", p99",
                        trips.at(99) * MILLIS))
                .add(Figure.less("a cached job from HTTP to result, p50", jobs.at(50) * MILLIS, "ms"))
                .build();
    }

    private static ObjectNode request(Path home, Path out) {
        ObjectNode request = JsonNodeFactory.instance.objectNode()
                .put("model", home.resolve("examples/models/stories").toString());
        request.putObject("method").put("name", "magnitude");
        request.putObject("target").put("parameters", 0.9);
        request.putObject("evaluation").putArray("perplexity").addObject().put("name", "tiny")
                .put("text", home.resolve("examples/data/tinystories-valid.txt").toString()).put("length", 64)
                .put("segments", 4);
        request.putObject("output").put("location", out.toString());
        return request;
    }
}
