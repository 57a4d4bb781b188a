package io.espalier.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.render.ReportView;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.report.Report;
import io.espalier.report.html.Compared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier compare JOB JOB…}. */
@Command(name = "compare", description = "The results of several jobs side by side.", mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Mixin
    private OutputOption output;

    @Parameters(arity = "2..*", paramLabel = "JOB", description = "Ids, or paths of report.json files or result folders.")
    private List<String> jobs;

    @Option(names = "--html", paramLabel = "FILE", description = "Writes a page with tables, Pareto plots and layer maps.")
    private Path html;

    @Override
    public Integer call() throws UsageException, ServerException, InterruptedException {
        List<ObjectNode> reports = new ArrayList<>();
        try (CoordinatorClient client = server.connect()) {
            for (String job : jobs) {
                reports.add(ReportSource.read(job, client));
            }
        }
        if (html != null) {
            write(reports.stream().map(ReportView::parse).toList());
        }
        if (output.isJson()) {
            OutputOption.printJson(spec.commandLine().getOut(), reports);
        } else {
            spec.commandLine().getOut()
                    .print(ReportView.sideBySide(reports.stream().map(ReportView::parse).toList()));
            spec.commandLine().getOut().flush();
        }
        return Exit.DONE;
    }

    private void write(List<Report> reports) throws UsageException {
        try {
            Files.writeString(html, Compared.of(reports));
        } catch (IOException e) {
            throw new UsageException("--html: " + html + " cannot be written: " + e.getMessage(), e);
        }
    }
}
