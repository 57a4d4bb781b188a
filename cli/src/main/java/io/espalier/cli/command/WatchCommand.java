package io.espalier.cli.command;

import io.espalier.cli.render.JobProgress;
import io.espalier.cli.render.JobView;
import io.espalier.cli.render.Screen;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.JobFollower;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobSnapshot;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier watch JOB}: until it has ended; the exit status says how. */
@Command(name = "watch", description = "Follows a job until it has ended.", mixinStandardHelpOptions = true)
public final class WatchCommand implements Callable<Integer> {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Parameters(paramLabel = "JOB", description = "Its id.")
    private String job;

    @Override
    public Integer call() throws ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            client.job(job); // an unknown job is an error at once
            return follow(client, job, spec);
        }
    }

    static int follow(CoordinatorClient client, String job, CommandSpec spec)
            throws ServerException, InterruptedException {
        Screen screen = Screen.of(spec.commandLine().getErr(), System.getenv(), false);
        JobSnapshot last = new JobFollower(client, PATIENCE).follow(job, new JobProgress(screen)::show);
        spec.commandLine().getErr().print(JobView.error(last));
        spec.commandLine().getErr().flush();
        spec.commandLine().getOut().println(job + ": " + last.state().name().toLowerCase(Locale.ROOT));
        return last.state() == JobSnapshot.State.SUCCEEDED ? Exit.DONE : Exit.FAILED;
    }
}
