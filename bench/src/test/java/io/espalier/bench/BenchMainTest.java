package io.espalier.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchMainTest {
    private static final int USAGE = 2;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = BenchMain.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @Test
    void withoutANameItListsEveryBenchmarkAndItsSettings() {
        assertThat(run()).isZero();
        assertThat(out.toString().lines().map(line -> line.split(" ")[0]))
                .containsAll(Benchmarks.list().stream().map(Benchmark::name).toList());
        assertThat(out.toString()).contains("samples: calibration sequences [10]");
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
