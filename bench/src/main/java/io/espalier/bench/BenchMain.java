package io.espalier.bench;

import io.espalier.bench.result.Machine;
import io.espalier.bench.result.Plots;
import io.espalier.bench.result.Result;
import io.espalier.bench.result.ResultTable;
import io.espalier.bench.result.Results;
import io.espalier.cli.command.Failures;
import io.espalier.cli.command.OutputOption;
import io.espalier.cli.command.Version;
import io.espalier.cli.render.TextTable;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.stack.Installation;
import io.espalier.model.engine.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./espalier bench}. */
@Command(name = "espalier bench", versionProvider = Version.class, mixinStandardHelpOptions = true, sortOptions = false, description = "The project's own benchmarks, each figure beside its limit. Without a name: lists them.")
public final class BenchMain implements Callable<Integer> {
    private final List<Benchmark> benchmarks;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "Benchmarks to run, or all.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--quick", description = "Smallest sizes: seconds, and figures that mean nothing.")
    private boolean quick;

    @Option(names = "--shape", paramLabel = "NAME|FOLDER", description = "Shape of the random model: a folder with a config.json, or one below tools/random-models.")
    private String shape;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "Threads of the tensor engine and of Python (all cores).")
    private int threads;

    @Option(names = "--python", paramLabel = "PATH|none", defaultValue = "${env:ESPALIER_PYTHON}", description = "A Python with torch, transformers and peft for the peers ($ESPALIER_PYTHON, otherwise python3 where it imports torch).")
    private String python;

    @Option(names = "--models", paramLabel = "DIR", description = "Keeps random models there for the next run (a temporary folder).")
    private Path models;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting of one benchmark; the list names them.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--out", paramLabel = "FILE", description = "Writes the results as JSON; results of other benchmarks in that file are kept. Without a name: shows what is in it.")
    private Path out;

    @Option(names = "--plots", paramLabel = "DIR", description = "Draws the results as SVG files: of this run, or of all in --out FILE.")
    private Path plots;

    @Mixin
    private OutputOption output;

    private boolean failed;

    private BenchMain(List<Benchmark> benchmarks) {
        this.benchmarks = benchmarks;
    }

    public static void main(String[] args) {
        System.exit(commandLine(Benchmarks.list()).execute(args));
    }

    /** @param benchmarks that it can run */
    static CommandLine commandLine(List<Benchmark> benchmarks) {
        return Failures.handle(new CommandLine(new BenchMain(benchmarks)));
    }

    @Override
    public Integer call() throws Exception {
        if (names.isEmpty()) {
            return listOrDraw();
        }
        List<Benchmark> wanted = Benchmarks.named(benchmarks, names);
        checkSettings(wanted);
        if (threads > 0) {
            Torch.setThreads(threads);
        }
        Results results = new Results(run(wanted));
        keep(results);
        if (output.isJson()) {
            println(results.json());
        }
        return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private void keep(Results results) throws IOException {
        Results all = out != null && Files.exists(out) ? results.after(Results.read(out)) : results;
        if (out != null) {
            all.write(out);
        }
        if (plots != null) {
            Plots.write(all, plots);
        }
    }

    /** Without a name there is nothing to run: earlier results can be shown and drawn. */
    private int listOrDraw() throws IOException {
        if (out == null || Files.notExists(out)) {
            list();
            return CommandLine.ExitCode.OK;
        }
        Results earlier = Results.read(out);
        earlier.runs().forEach(run -> println(ResultTable.of(run)));
        if (plots != null) {
            Plots.write(earlier, plots);
        }
        return CommandLine.ExitCode.OK;
    }

    private List<Results.Run> run(List<Benchmark> wanted) throws Exception {
        var options = new BenchOptions(Installation.current().home(), quick, shape, threads, python, models, settings);
        List<Results.Run> runs = new ArrayList<>();
        try (Bench bench = new Bench(options, System.err)) {
            for (Benchmark benchmark : wanted) {
                bench.say(benchmark.name() + ": " + benchmark.description());
                runs.add(run(benchmark, bench));
                if (!output.isJson()) {
                    println(ResultTable.of(runs.getLast()));
                }
            }
        }
        return runs;
    }

    private Results.Run run(Benchmark benchmark, Bench bench) throws Exception {
        String at = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Machine machine = Machine.current();
        long start = System.nanoTime();
        Result result = benchmark.run(bench);
        double seconds = (System.nanoTime() - start) / 1e9;
        failed |= !result.faults().isEmpty();
        return new Results.Run(benchmark.name(), at, seconds, quick, given(), machine, result.figures(),
                result.series(), Stream.concat(result.faults().stream(), result.notes().stream()).toList());
    }

    /** Options that change figures, as the user gave them. */
    private Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>(settings);
        if (shape != null) {
            given.put("shape", shape);
        }
        if (threads > 0) {
            given.put("threads", Integer.toString(threads));
        }
        return given;
    }

    private void checkSettings(List<Benchmark> wanted) throws UsageException {
        for (String key : settings.keySet()) {
            if (wanted.stream().noneMatch(benchmark -> benchmark.settings().containsKey(key))) {
                throw new UsageException("--set " + key + ": no benchmark asked for has this setting; "
                        + "./espalier bench lists them");
            }
        }
    }

    private void list() throws IOException {
        TextTable table = TextTable.ofWords(List.of("benchmark", "measures"));
        for (Benchmark benchmark : benchmarks) {
            table.row(List.of(benchmark.name(), benchmark.description()));
            new TreeMap<>(benchmark.settings())
                    .forEach((key, meaning) -> table.row(List.of("", "  " + key + ": " + meaning)));
        }
        println(table + "\n./espalier bench NAME... [--quick] [--set KEY=VALUE]...   (--help: all options)");
    }

    private void println(String text) {
        PrintWriter writer = spec.commandLine().getOut();
        writer.println(text);
        writer.flush();
    }
}
