package io.espalier.cli.command;

import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobSnapshot;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier cancel|pause|resume|retry JOB}. */
@Command(mixinStandardHelpOptions = true)
public final class ControlCommand implements Callable<Integer> {
    /** What can be asked of a job. */
    public enum Verb {
        CANCEL("Ends a job; its workers become free."), PAUSE("Holds a job; running tasks are given back."), RESUME(
                "Lets a paused job go on."), RETRY(
                        "Lets a failed job go on from the failed stage, keeping what is done.");

        private final String description;

        Verb(String description) {
            this.description = description;
        }

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        public String description() {
            return description;
        }
    }

    private final Verb verb;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "JOB", description = "Its id, as submit and list print it.")
    private String job;

    public ControlCommand(Verb verb) {
        this.verb = verb;
    }

    @Override
    public Integer call() throws ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            JobSnapshot answer = client.command(job, verb.label());
            if (output.isJson()) {
                OutputOption.printJson(spec.commandLine().getOut(), answer);
            } else {
                spec.commandLine().getOut().println(job + ": " + verb.label() + " accepted, now "
                        + answer.state().name().toLowerCase(Locale.ROOT));
                spec.commandLine().getOut().flush();
            }
        }
        return Exit.DONE;
    }
}
