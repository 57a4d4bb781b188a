package io.espalier.cli.command;

import io.espalier.cli.render.JobView;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobSnapshot;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier status JOB}. */
@Command(name = "status", description = "One job with its stages.", mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "JOB", description = "Its id, as submit and list print it.")
    private String job;

    @Override
    public Integer call() throws ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            JobSnapshot snapshot = client.job(job);
            if (output.isJson()) {
                OutputOption.printJson(spec.commandLine().getOut(), snapshot);
            } else {
                spec.commandLine().getOut().print(JobView.details(snapshot));
                spec.commandLine().getOut().flush();
            }
        }
        return Exit.DONE;
    }
}
