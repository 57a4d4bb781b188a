package io.espalier.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private static final Machine MACHINE = new Machine("a processor", 2, 1L << 30, "Linux amd64", "25", "PyTorch", 0.5);

    @TempDir
    Path folder;

    private static Results.Run run(String name, Figure... figures) {
        return new Results.Run(name, "2026-01-01T00:00:00Z", 1.5, false, Map.of("shape", "tiny"), MACHINE,
                List.of(figures), List.of(new Series("plot", "line", "x", "y", List.of(1.0, 2.0), List.of(3.0, 4.0))),
                List.of("a note"));
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        var results = new Results(List.of(run("score", Figure.more("speed", 312, "tokens/s").of("GEMMs", 376)
                .noted("said")), run("memory", Figure.less("peak", 100, "MiB"))));
        results.write(folder.resolve("out.json"));
        assertThat(Results.read(folder.resolve("out.json"))).isEqualTo(results);
    }

    @Test
    void laterRunsReplaceEarlierOnesOfTheSameBenchmark() {
        var earlier = new Results(List.of(run("score", Figure.more("speed", 1, "x")), run("lora")));
        var later = new Results(List.of(run("score", Figure.more("speed", 2, "x"))));
        assertThat(later.after(earlier).runs()).extracting(Results.Run::benchmark).containsExactly("lora", "score");
        assertThat(later.after(earlier).runs().getLast().figures().getFirst().value()).isEqualTo(2);
    }

    @Test
    void anotherFileIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("report.json"), "{\"job\": {}}");
        assertThatThrownBy(() -> Results.read(file)).isInstanceOf(IOException.class).hasMessageContaining(
                "report.json");
    }

    @Test
    void theShareIsOneAtTheLimitWhicheverWayIsBetter() {
        assertThat(Figure.more("speed", 312, "tokens/s").of("GEMMs", 376).share()).isCloseTo(0.83, within(1e-3));
        assertThat(Figure.less("latency", 20, "ms").of("round trip", 5).share()).isCloseTo(0.25, within(1e-12));
        assertThat(Figure.more("speed", 312, "tokens/s").share()).isNull();
    }

    @Test
    void theTableShowsTheLimitBesideTheFigure() {
        String table = ResultTable.of(run("scaling", Figure.more("statistics, 2 workers", 1.9, "x").of("workers", 2)));
        assertThat(table.lines().skip(1).findFirst().orElseThrow())
                .matches("statistics, 2 workers +1\\.90x +2\\.00x \\(workers\\) +95\\.0 %");
        assertThat(table).contains("a note");
    }

    @Test
    void plotsStandAlone() throws Exception {
        Plots.write(new Results(List.of(run("score", Figure.more("speed < light", 312, "tokens/s").of("GEMMs", 376)))),
                folder);
        assertThat(folder.resolve("limits.svg")).content().startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"")
                .contains("speed &lt; light", "83.0 %").endsWith("</svg>\n");
        assertThat(folder.resolve("plot.svg")).content().contains("polyline", "line</text>");
    }
}
