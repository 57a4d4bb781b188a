package io.espalier.bench.micro;

import io.espalier.bench.simulation.ImaginedJob;
import io.espalier.cli.stack.Installation;
import io.espalier.coordinator.job.Job;
import io.espalier.model.config.ModelConfig;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A whole job through the coordinator's pure core: every report decided, every event replayed. */
@State(Scope.Benchmark)
public class DecisionBench {
    private final ImaginedJob job = ImaginedJob.record(
            ModelConfig.read(Installation.current().home().resolve(MicroBenchmark.LARGE_MODEL)));

    @Benchmark
    public Job job() {
        return job.decideAgain();
    }
}
