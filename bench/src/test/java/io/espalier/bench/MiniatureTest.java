package io.espalier.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Plots;
import io.espalier.bench.result.Results;
import io.espalier.cli.stack.Installation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Every benchmark runs in its smallest size, and what it writes is what the schema says. Takes minutes, since several start
 * whole stacks: {@code mvn verify -Despalier.miniatures=true}.
 */
@EnabledIfSystemProperty(named = "espalier.miniatures", matches = "true", disabledReason = "minutes long: set -Despalier.miniatures=true")
class MiniatureTest {
    /** Settings that keep a miniature within seconds. */
    private static final Map<String, List<String>> SHORTER = Map.of("memory",
            List.of("--set", "tasks=llm-pruner param_first,magnitude"), "scaling", List.of("--set", "fans=statistics"),
            "leak",
            List.of("--set", "tasks=6"));

    @TempDir
    Path folder;

    @BeforeAll
    static void tellWhereTheRepositoryIs() {
        System.setProperty(Installation.HOME, TestHome.ROOT.toString());
    }

    static Stream<String> names() {
        return Benchmarks.list().stream().map(Benchmark::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aMiniatureHasFiguresThatFitTheSchema(String name) throws Exception {
        Path out = folder.resolve("results.json");
        List<String> arguments = new ArrayList<>(List.of(name, "--quick", "--python", "none", "--threads", "1", "--out",
                out.toString(), "--plots", folder.resolve("plots").toString()));
        arguments.addAll(SHORTER.getOrDefault(name, List.of()));

        StringWriter text = new StringWriter();
        CommandLine line = BenchMain.commandLine(Benchmarks.list()).setOut(new PrintWriter(text));
        assertThat(line.execute(arguments.toArray(String[]::new))).isZero();

        Results results = Results.read(out);
        Results.Run run = results.runs().getFirst();
        assertThat(run.benchmark()).isEqualTo(name);
        assertThat(run.quick()).isTrue();
        assertThat(run.figures()).isNotEmpty().allSatisfy(MiniatureTest::isSound);
        assertThat(text.toString()).contains(run.figures().getFirst().name());
        Plots.write(results, folder.resolve("again"));
        try (Stream<Path> plots = Files.list(folder.resolve("again"))) {
            assertThat(plots).allSatisfy(plot -> assertThat(folder.resolve("plots").resolve(plot.getFileName()))
                    .as("drawn from the file as in the run").hasSameTextualContentAs(plot));
        }
    }

    private static void isSound(Figure figure) {
        assertThat(figure.value()).as(figure.name()).isFinite();
        if (figure.limit() != null) {
            assertThat(figure.limit().value()).as(figure.name()).isPositive().isFinite();
        }
    }
}
