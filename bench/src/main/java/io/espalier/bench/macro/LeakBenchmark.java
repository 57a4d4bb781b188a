package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.model.Texts;
import io.espalier.bench.process.Child;
import io.espalier.bench.process.WorkerChild;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.result.Series;
import io.espalier.bench.task.Handled;
import io.espalier.bench.task.Works;
import io.espalier.cli.stack.LocalStack;
import io.espalier.cli.stack.StackOptions;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Topic;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Memory of one worker over a thousand tasks of all kinds: scoring, ranking, slicing, training, evaluating. */
public final class LeakBenchmark implements Benchmark {
    private static final double MEBIBYTE = 1 << 20;
    private static final double KIBIBYTE = 1 << 10;
    private static final int LOOKS = 20;
    /** All of the heap is resident from the start: what anonymous memory there is besides is native. */
    private static final String FIXED_HEAP = "-Xms256m -Xmx256m -XX:+AlwaysPreTouch -XX:+UseSerialGC";

    @Override
    public String name() {
        return "leak";
    }

    @Override
    public String description() {
        return "native and heap memory of one worker over 1,000 tasks of all kinds, through a real broker";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("tasks", "how many [1000]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        int count = options.integer("tasks", 1000, 20);
        int every = Math.max(1, count / LOOKS);
        Path folder = bench.folder().resolve("leak");
        List<Work> works = works(new Works(bench.models().get("tiny"), new Texts(options.home())), folder);
        try (LocalStack stack = LocalStack.start(bench.installation()::command,
                new StackOptions(0, 0, 0, folder.resolve("stack"), "cpu", 0), bench::say)) {
            publish(stack.bootstrapServers(), works, count + 1);
            JsonNode found = Child.java(WorkerChild.class, List.of(Integer.toString(count), Integer.toString(every)),
                    Map.of("ESPALIER_KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers(), "ESPALIER_ARTIFACTS",
                            folder.resolve("artifacts").toString(), "ESPALIER_CACHE", "off", "ESPALIER_THREADS", "1",
                            "JAVA_TOOL_OPTIONS", FIXED_HEAP));
            return result(count, numbers(found, "tasks"), numbers(found, "nativeBytes"), numbers(found, "heapBytes"));
        }
    }

    /** One task of each kind; what one needs of another is made here. */
    private static List<Work> works(Works works, Path folder) throws Exception {
        try (var tasks = new Handled(folder)) {
            PruningRequest first = works.request(Works.method("llm-pruner", Map.of("criterion", "param_first")), 4, 32,
                    0.8);
            PruningRequest newton = works.request(Works.method("numerical", Map.of()), 4, 32, 0.8);
            ArtifactRef calibration = tasks.store(Texts.tokens(4, 32, works.config().vocabularySize()));
            Work.Score score = works.score(first, calibration);
            Work.Rank rank = works.rank(first, tasks.run(score).output("statistics"));
            Work.Slice slice = works.slice(first, tasks.run(rank).output("plan"), calibration);
            return List.of(score, rank, slice, works.score(newton, calibration), works.perplexity(4, 32),
                    works.recover(1, 2, 2, 32));
        }
    }

    private static void publish(String servers, List<Work> works, int count) {
        var codec = new EventCodec("bench");
        var job = new JobId("leak");
        try (var producer = new KafkaProducer<String, byte[]>(KafkaSettings.of(servers).producer("bench"))) {
            for (int i = 0; i < count; i++) {
                producer.send(codec.encode(Topic.TASKS_SCORING, job, new Task(new TaskId(job, 0, 0, i),
                        StageName.SCORE, works.get(i % works.size()), 1, 1, null, Instant.now(), false)));
            }
        }
    }

    private static List<Double> numbers(JsonNode found, String key) {
        List<Double> numbers = new ArrayList<>();
        found.path(key).forEach(n -> numbers.add(n.asDouble()));
        return numbers;
    }

    /** The first fifth warms up: classes, buffers, the allocator's pools. */
    static Result result(int count, List<Double> tasks, List<Double> outside, List<Double> heap) {
        int from = tasks.size() / 5;
        List<Double> later = tasks.subList(from, tasks.size());
        double grown = slope(later, outside.subList(from, outside.size()));
        double heapGrown = slope(later, heap.subList(from, heap.size()));
        return new Result.Builder()
                .add(Figure.less("native memory after " + later.getFirst().intValue() + " tasks",
                        outside.get(from) / MEBIBYTE, "MiB"))
                .add(Figure.less("native memory after " + count + " tasks", outside.getLast() / MEBIBYTE, "MiB"))
                .add(Figure.less("growth of native memory, least squares", grown / KIBIBYTE, "KiB/task"))
                .add(Figure.less("heap after " + later.getFirst().intValue() + " tasks, collected",
                        heap.get(from) / MEBIBYTE, "MiB"))
                .add(Figure.less("heap after " + count + " tasks, collected", heap.getLast() / MEBIBYTE, "MiB"))
                .add(Figure.less("growth of the heap, least squares", heapGrown / KIBIBYTE, "KiB/task"))
                .add(new Series("leak", "native", "tasks", "MiB", tasks, mebibytes(outside)))
                .add(new Series("leak", "heap", "tasks", "MiB", tasks, mebibytes(heap))).build();
    }

    private static List<Double> mebibytes(List<Double> bytes) {
        return bytes.stream().map(b -> b / MEBIBYTE).toList();
    }

    /** Of the straight line nearest to the points in the sense of least squares; 0 for a single point. */
    static double slope(List<Double> x, List<Double> y) {
        double meanX = x.stream().mapToDouble(v -> v).average().orElseThrow();
        double meanY = y.stream().mapToDouble(v -> v).average().orElseThrow();
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < x.size(); i++) {
            covariance += (x.get(i) - meanX) * (y.get(i) - meanY);
            variance += (x.get(i) - meanX) * (x.get(i) - meanX);
        }
        return variance == 0 ? 0 : covariance / variance;
    }
}
