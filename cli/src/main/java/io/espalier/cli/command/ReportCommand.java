package io.espalier.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.render.ReportView;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier report JOB}. */
@Command(name = "report", description = "The before/after table of a job, or its report.json.", mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "JOB", description = "Its id, or the path of a report.json or a result folder.")
    private String job;

    @Override
    public Integer call() throws UsageException, ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            ObjectNode report = ReportSource.read(job, client);
            if (output.isJson()) {
                OutputOption.printJson(spec.commandLine().getOut(), report);
            } else {
                spec.commandLine().getOut().print(ReportView.beforeAfter(ReportView.parse(report)));
                spec.commandLine().getOut().flush();
            }
        }
        return Exit.DONE;
    }
}
