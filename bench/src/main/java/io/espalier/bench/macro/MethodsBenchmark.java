package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.BenchOptions;
import io.espalier.bench.Benchmark;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.cli.render.ReportView;
import io.espalier.cli.request.OutputFolder;
import io.espalier.cli.request.RequestFile;
import io.espalier.cli.request.UsageException;
import io.espalier.protocol.request.RequestReader;
import io.espalier.report.Report;
import io.espalier.report.html.Compared;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All methods on the same models: runs {@code examples/comparison/all-methods.yaml} on each and writes the tables of
 * docs/results.md. The figures are perplexities, not speeds; two runs give the same, byte for byte.
 */
public final class MethodsBenchmark implements Benchmark {
    private static final String REQUEST = "examples/comparison/all-methods.yaml";
    private static final String SHIPPED = "examples/models/stories";

    @Override
    public String name() {
        return "methods";
    }

    @Override
    public String description() {
        return "perplexity of every method at 80 % and 60 % of the parameters: the tables of docs/results.md";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("models", "comma separated folders of checkpoints [" + SHIPPED + "]", "tables",
                "folder for the tables (Markdown) and a page with plots for each model [none]", "methods",
                "comma separated names of the methods to run [all]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        BenchOptions options = bench.options();
        var result = new Result.Builder();
        for (String folder : options.text("models", SHIPPED).split(",")) {
            Path model = options.home().resolve(folder).normalize();
            MethodsTable table = new MethodsTable(model.getFileName().toString(), measure(bench, model));
            table.rows().forEach(row -> add(result, table.model(), row));
            result.note(table.model() + ": original " + table.originalPerplexity() + ", model digest " + table
                    .digest());
            if (options.settings().containsKey("tables")) {
                write(table, options.home().resolve(options.text("tables", "")));
            }
        }
        return result.build();
    }

    private static List<Report> measure(Bench bench, Path model) throws Exception {
        Path folder = bench.folder().resolve("methods-" + model.getFileName());
        // Without the cache each job's times are its own.
        try (Stack stack = Stack.start(bench, folder.resolve("data"), new Stack.Workers(1, 1, 1), Map.of(
                "ESPALIER_THREADS", Integer.toString(bench.options().threadsOrAll()), "ESPALIER_CACHE", "off"))) {
            List<Report> reports = new ArrayList<>();
            for (ObjectNode request : requests(bench.options(), model, folder.resolve("out"))) {
                bench.say(model.getFileName() + ": " + request.path("name").asText());
                reports.add(ReportView.parse(stack.client().report(stack.run(request).id().value())));
            }
            return reports;
        }
    }

    private static List<ObjectNode> requests(BenchOptions options, Path model, Path out) throws UsageException {
        List<ObjectNode> requests = RequestFile.read(options.home().resolve(REQUEST).toString(), InputStream
                .nullInputStream()).requests(new RequestReader(), options.home());
        String wanted = options.text("methods", options.quick() ? "magnitude" : "");
        if (!wanted.isEmpty()) {
            requests.removeIf(request -> !List.of(wanted.split(",")).contains(request.at("/method/name").asText()));
        }
        requests.forEach(request -> request.put("model", model.toString()));
        OutputFolder.set(requests, out);
        return requests;
    }

    private static void add(Result.Builder result, String model, MethodsTable.Row row) {
        row.results().forEach((target, found) -> result.add(Figure.less(model + ", " + row.method() + ", "
                + target, found.perplexity(), "ppl").noted(found.parameters() + " parameters, "
                        + MethodsTable.seconds(found.busySeconds()))));
    }

    private static void write(MethodsTable table, Path folder) throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(table.model() + ".md"), table.markdown());
        Files.writeString(folder.resolve(table.model() + ".html"), Compared.of(table.reports()));
    }
}
