package io.espalier.cli.command;

import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier delete JOB}. */
@Command(name = "delete", description = "Forgets an ended job and its artifacts; the result folder stays.", mixinStandardHelpOptions = true)
public final class DeleteCommand implements Callable<Integer> {
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
            boolean gone = client.delete(job);
            if (output.isJson()) {
                OutputOption.printJson(spec.commandLine().getOut(), Map.of("id", job, "deleted", gone));
            } else {
                spec.commandLine().getOut().println(job + ": " + (gone ? "deleted" : "delete accepted"));
            }
        }
        return Exit.DONE;
    }
}
