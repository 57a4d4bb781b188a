package io.espalier.bench;

import io.espalier.bench.load.CoordinatorBenchmark;
import io.espalier.bench.macro.DispatchBenchmark;
import io.espalier.bench.macro.EtaBenchmark;
import io.espalier.bench.macro.LeakBenchmark;
import io.espalier.bench.macro.LoraBenchmark;
import io.espalier.bench.macro.MemoryBenchmark;
import io.espalier.bench.macro.MethodsBenchmark;
import io.espalier.bench.macro.PerplexityBenchmark;
import io.espalier.bench.macro.ScalingBenchmark;
import io.espalier.bench.macro.ScoreBenchmark;
import io.espalier.bench.macro.ZeroShotBenchmark;
import io.espalier.bench.micro.MicroBenchmark;
import io.espalier.bench.simulation.SimulationBenchmark;
import io.espalier.bench.soak.SoakBenchmark;
import io.espalier.cli.request.UsageException;
import java.util.List;
import java.util.stream.Collectors;

/** All benchmarks, in the order of the list. A new one is entered here and nowhere else. */
public final class Benchmarks {
    private static final String ALL = "all";
    private static final List<Benchmark> LIST = List.of(new MicroBenchmark(), new ScoreBenchmark(),
            new PerplexityBenchmark(), new ZeroShotBenchmark(), new LoraBenchmark(), new MemoryBenchmark(),
            new DispatchBenchmark(),
            new EtaBenchmark(), new ScalingBenchmark(), new LeakBenchmark(), new SimulationBenchmark(),
            new CoordinatorBenchmark(), new SoakBenchmark(), new MethodsBenchmark());

    private Benchmarks() {}

    public static List<Benchmark> list() {
        return LIST;
    }

    /**
     * @param benchmarks that there are
     * @param names      of benchmarks, or {@code all}
     */
    static List<Benchmark> named(List<Benchmark> benchmarks, List<String> names) throws UsageException {
        for (String name : names) {
            if (!name.equals(ALL) && benchmarks.stream().noneMatch(b -> b.name().equals(name))) {
                throw new UsageException("no benchmark is called '" + name + "': there are "
                        + benchmarks.stream().map(Benchmark::name).collect(Collectors.joining(", ")) + ", and all");
            }
        }
        return benchmarks.stream().filter(b -> names.contains(ALL) || names.contains(b.name())).toList();
    }
}
