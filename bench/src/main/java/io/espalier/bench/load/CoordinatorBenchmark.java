package io.espalier.bench.load;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.Benchmark;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * One coordinator and workers that answer at once: how soon the next task follows from an answer, how many reports it
 * takes in, what an open job costs in memory and an ended one on disk.
 */
public final class CoordinatorBenchmark implements Benchmark {
    private static final int JOBS = 2_000;
    private static final int QUICK_JOBS = 20;
    /** One after another: nothing else is on the way when latency is measured. */
    private static final int ALONE = 100;
    private static final int QUICK_ALONE = 5;
    private static final double MEBIBYTE = 1 << 20;
    private static final int PER = 10_000;
    private static final int MANY = 100_000;

    @Override
    public String name() {
        return "coordinator";
    }

    @Override
    public String description() {
        return "one coordinator with workers that answer at once: latency, reports per second, memory of open jobs, size of the job log";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("jobs", "jobs at once, and as many open ones [" + JOBS + "]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        int jobs = bench.options().integer("jobs", JOBS, QUICK_JOBS);
        int alone = bench.options().quick() ? QUICK_ALONE : ALONE;
        Path folder = Files.createDirectories(bench.folder().resolve("coordinator"));
        Path text = Files.writeString(folder.resolve("text.txt"), "Once upon a time.");
        var result = new Result.Builder();
        try (var stack = new SmallStack(folder, bench.installation());
                var producer = new KafkaProducer<String, byte[]>(KafkaSettings.of(stack.bootstrapServers()).producer(
                        "bench"))) {
            var workers = new InstantWorkers(stack.bootstrapServers(), folder.resolve("scratch"));
            try (workers) {
                latency(alone, producer, stack, text, workers, result);
                throughput(jobs, alone, producer, stack, text, workers, result);
            }
            memory(jobs, producer, stack, text, result);
        }
        return result.build();
    }

    private static void latency(int jobs, KafkaProducer<String, byte[]> producer, SmallStack stack, Path text,
            InstantWorkers workers, Result.Builder result) throws Exception {
        for (int i = 0; i < jobs; i++) {
            submit(producer, "alone-" + i, text);
            stack.awaitJobs(State.SUCCEEDED, i + 1);
        }
        List<Double> millis = workers.latencies();
        result.add(Figure.less("answer to next task, median", millis.get(millis.size() / 2), "ms").noted("of " + millis
                .size()));
        result.add(Figure.less("answer to next task, p99", millis.get(millis.size() * 99 / 100), "ms"));
    }

    private static void throughput(int jobs, int before, KafkaProducer<String, byte[]> producer, SmallStack stack,
            Path text, InstantWorkers workers, Result.Builder result) throws Exception {
        long reports = workers.reports();
        long log = stack.bytes(Topic.JOB_LOG);
        long start = System.nanoTime();
        for (int i = 0; i < jobs; i++) {
            submit(producer, "many-" + i, text);
        }
        stack.awaitJobs(State.SUCCEEDED, before + jobs);
        double seconds = (System.nanoTime() - start) / 1e9;
        result.add(Figure.more("reports through one coordinator", (workers.reports() - reports) / seconds,
                "reports/s").noted(jobs + " jobs at once"));
        result.add(Figure.more("jobs through one coordinator", jobs / seconds, "jobs/s"));
        result.add(Figure.less("job log before compaction, a job", (stack.bytes(Topic.JOB_LOG) - log) / (double) jobs
                / 1024, "KiB"));
        result.add(Figure.less("job log after compaction, " + MANY + " ended jobs", stack.keptBytes(Topic.JOB_LOG)
                * (double) MANY / (before + jobs) / MEBIBYTE, "MiB").noted("from " + (before + jobs) + " jobs"));
    }

    private static void memory(int jobs, KafkaProducer<String, byte[]> producer, SmallStack stack, Path text,
            Result.Builder result) throws Exception {
        long empty = stack.heapInUse();
        for (int i = 0; i < jobs; i++) {
            submit(producer, "open-" + i, text);
        }
        stack.awaitJobs(State.RUNNING, jobs);
        long full = stack.heapInUse();
        result.add(Figure.less("heap of " + PER + " open jobs", (full - empty) / MEBIBYTE * PER / jobs, "MiB").noted(
                "from " + jobs + " jobs"));
    }

    private static void submit(KafkaProducer<String, byte[]> producer, String name, Path text) {
        ObjectNode request = Json.requests().createObjectNode().put("name", name).put("model", text.getParent().resolve(
                "model").toString());
        request.putObject("method").put("name", "magnitude");
        request.putObject("target").put("groups", 0.2);
        request.putObject("evaluation").put("cost", false).putArray("perplexity").addObject().put("name", "toy").put(
                "text", text.toString());
        request.putObject("output").put("location", text.getParent().resolve("out").toString());
        var job = new JobId(name);
        producer.send(new EventCodec("bench").encode(Topic.REQUESTS, job, new Command.Submit(job, request)));
    }
}
