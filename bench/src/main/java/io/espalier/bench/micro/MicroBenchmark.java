package io.espalier.bench.micro;

import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.bench.simulation.ImaginedJob;
import io.espalier.cli.stack.Installation;
import io.espalier.model.config.ModelConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** All JMH benchmarks of this package, each in a process of its own, as figures. */
public final class MicroBenchmark implements Benchmark {
    /** System property: threads of the engine in JMH's processes. */
    static final String THREADS = "espalier.bench.threads";

    /** Shape of the model that decisions are about. */
    static final String LARGE_MODEL = "tools/random-models/llama-7b";

    private static final String BFLOAT16 = "bf16 products: of evaluations alone, see bench perplexity --set dtype=bfloat16";

    @Override
    public String name() {
        return "micro";
    }

    @Override
    public String description() {
        return "JMH: GEMM peak, bytes read, cost of one call, events to JSON and back, decisions per second";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("forks", "processes for each; 0 runs in this one [1]", "iterations", "of a second each [3]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        Map<String, Double> seconds = measure(bench.options());
        double peak = 2.0 * Math.pow(TensorBench.SIZE, 3) / seconds.get("TensorBench.gemm") / 1e9;
        double bytes = ReadBench.WEIGHTS * (double) Float.BYTES;
        double copy = bytes / seconds.get("ReadBench.copy") / 1e9;
        int reports = ImaginedJob.record(ModelConfig.read(bench.options().home().resolve(LARGE_MODEL))).reports();
        return new Result.Builder()
                .add(Figure.more("GEMM fp32, " + TensorBench.SIZE + "^3", peak, "GFLOP/s"))
                .add(Figure.more("bf16 file to fp32 tensor, bytes written",
                        bytes / seconds.get("ReadBench.widen") / 1e9, "GB/s").of("copy by one thread", copy))
                .add(Figure.more("fp32 file as tensor, every weight summed",
                        bytes / seconds.get("ReadBench.map") / 1e9, "GB/s").of("copy by one thread", copy))
                .add(Figure.less("one call of the engine (add of 4)", seconds.get("TensorBench.add") * 1e9, "ns"))
                .add(Figure.less("scaling under autograd", seconds.get("TensorBench.scale") * 1e9, "ns"))
                .add(rate("tasks encoded", seconds.get("EventBench.encodeTask")))
                .add(rate("tasks decoded", seconds.get("EventBench.decodeTask")))
                .add(rate("reports encoded", seconds.get("EventBench.encodeReport")))
                .add(rate("reports decoded", seconds.get("EventBench.decodeReport")))
                .add(Figure.more("reports decided by the coordinator's core",
                        reports / seconds.get("DecisionBench.job"), "reports/s"))
                .note(BFLOAT16).build();
    }

    private static Figure rate(String name, double seconds) {
        return Figure.more(name, 1 / seconds, "events/s");
    }

    /** Seconds per call by {@code Class.method}. */
    private static Map<String, Double> measure(BenchOptions options) throws Exception {
        Map<String, Double> seconds = new HashMap<>();
        for (RunResult result : new Runner(jmh(options).build()).run()) {
            String[] parts = result.getParams().getBenchmark().split("\\.");
            seconds.put(parts[parts.length - 2] + "." + parts[parts.length - 1],
                    result.getPrimaryResult().getScore() / 1e9);
        }
        return seconds;
    }

    private static ChainedOptionsBuilder jmh(BenchOptions options) throws Exception {
        boolean inside = "0".equals(options.text("forks", options.quick() ? "0" : "1"));
        TimeValue time = options.quick() ? TimeValue.milliseconds(50) : TimeValue.seconds(1);
        List<String> flags = new ArrayList<>(Installation.workerFlags());
        flags.add("-D" + THREADS + "=" + options.threads());
        flags.add("-D" + Installation.HOME + "=" + options.home());
        return new OptionsBuilder().include("^\\Q" + MicroBenchmark.class.getPackageName() + "\\E\\.")
                .mode(Mode.AverageTime).timeUnit(TimeUnit.NANOSECONDS).warmupIterations(options.quick() ? 1 : 2)
                .warmupTime(time).measurementIterations(options.integer("iterations", 3, 1)).measurementTime(time)
                .forks(inside ? 0 : options.integer("forks", 1, 1)).jvmArgs(flags.toArray(String[]::new))
                .shouldFailOnError(true).verbosity(VerboseMode.SILENT);
    }
}
