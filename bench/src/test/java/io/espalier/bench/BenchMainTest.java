package io.espalier.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class BenchMainTest {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return run(Benchmarks.list(), arguments);
    }

    private int run(List<Benchmark> benchmarks, String... arguments) {
        CommandLine line = BenchMain.commandLine(benchmarks).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @Test
    void withoutANameItListsEveryBenchmarkAndItsSettings() {
        assertThat(run()).isZero();
        assertThat(out.toString().lines().map(line -> line.split(" ")[0]))
                .containsAll(Benchmarks.list().stream().map(Benchmark::name).toList());
        assertThat(out.toString()).contains("samples: calibration sequences [10]");
    }

    /** What {@code bench soak} is for: a script that runs it must hear of a violation. */
    @ParameterizedTest
    @ValueSource(strings = {"table", "json"})
    void aFaultIsShownAndFailsTheRun(String format) {
        System.setProperty("espalier.home", TestHome.ROOT.toString());
        List<Benchmark> benchmarks = List.of(new Prepared("sound", new Result.Builder().note("all is well")),
                new Prepared("broken", new Result.Builder().fault("VIOLATION job-1 is stuck")));
        assertThat(run(benchmarks, "sound", "-o", format)).isZero();
        assertThat(run(benchmarks, "all", "-o", format)).isEqualTo(FAILED);
        assertThat(out.toString()).contains("all is well", "VIOLATION job-1 is stuck");
    }

    /** Has found something already. */
    private record Prepared(String name, Result.Builder found) implements Benchmark {
        @Override
        public String description() {
            return "for tests";
        }

        @Override
        public Result run(Bench bench) {
            return found.add(Figure.less("violations", 0, "violations")).build();
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThat(run("speed")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("'speed'", "perplexity", "simulation");
    }

    @Test
    void aSettingOfAnotherBenchmarkIsRefused() {
        assertThat(run("score", "--set", "jobs=3")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--set jobs");
    }

    @Test
    void aSettingThatIsNoNumberIsRefused() {
        assertThat(run("score", "--quick", "--set", "samples=many")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--set samples=many");
    }

    @Test
    void aShapeThatIsNotThereIsRefused() {
        assertThat(run("score", "--shape", folder.toString())).isEqualTo(USAGE);
        assertThat(err.toString()).contains(folder.toString(), "config.json");
    }

    @Test
    void aPythonWithoutTorchIsRefused() {
        System.setProperty("espalier.home", TestHome.ROOT.toString());
        assertThat(run("perplexity", "--quick", "--set", "repeats=1", "--python", folder.resolve("python").toString()))
                .isEqualTo(USAGE);
        assertThat(err.toString()).contains("does not import torch");
    }
}
