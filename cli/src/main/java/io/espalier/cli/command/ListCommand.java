package io.espalier.cli.command;

import io.espalier.cli.render.JobView;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobSnapshot;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code espalier list}. */
@Command(name = "list", description = "All jobs of a coordinator.", mixinStandardHelpOptions = true)
public final class ListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Mixin
    private OutputOption output;

    @Option(names = "--state", paramLabel = "STATE", description = "Only jobs in this state: ${COMPLETION-CANDIDATES}.")
    private JobSnapshot.State state;

    @Override
    public Integer call() throws ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            List<JobSnapshot> jobs = client.jobs(state);
            if (output.isJson()) {
                OutputOption.printJson(spec.commandLine().getOut(), jobs);
            } else {
                spec.commandLine().getOut().print(JobView.list(jobs));
                spec.commandLine().getOut().flush();
            }
        }
        return Exit.DONE;
    }
}
