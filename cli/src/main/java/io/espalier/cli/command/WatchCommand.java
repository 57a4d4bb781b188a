package io.espalier.cli.command;

import io.espalier.cli.render.JobView;
import io.espalier.cli.render.JobsProgress;
import io.espalier.cli.render.Screen;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.JobFollower;
import io.espalier.cli.server.JobsFollower;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier watch JOB...}: until they have ended; the exit status says how. */
@Command(name = "watch", description = "Follows jobs until they have ended: one with a bar per stage, several with a bar per job.", mixinStandardHelpOptions = true)
public final class WatchCommand implements Callable<Integer> {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "JOB", arity = "1..*", description = "Ids, as submit and list print them.")
    private List<String> jobs;

    @Override
    public Integer call() throws ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            for (String job : jobs) {
                client.job(job); // an unknown job is an error at once
            }
            return follow(client, jobs, output, spec);
        }
    }

    /** Tells how each ended; the exit status says whether all succeeded. */
    static int follow(CoordinatorClient client, List<String> jobs, OutputOption output, CommandSpec spec)
            throws ServerException, InterruptedException {
        Screen screen = Screen.of(spec.commandLine().getErr(), System.getenv(), false);
        List<JobSnapshot> ended = new JobsFollower(new JobFollower(client, PATIENCE)).follow(jobs, new JobsProgress(
                screen, jobs)::show);
        ended.forEach(job -> spec.commandLine().getErr().print(JobView.error(job)));
        spec.commandLine().getErr().flush();
        if (output.isJson()) {
            OutputOption.printJson(spec.commandLine().getOut(), ended);
        } else {
            ended.forEach(job -> spec.commandLine().getOut().println(job.id() + ": " + job.state().name()
                    .toLowerCase(Locale.ROOT)));
        }
        return ended.stream().allMatch(job -> job.state() == JobSnapshot.State.SUCCEEDED) ? Exit.DONE : Exit.FAILED;
    }
}
