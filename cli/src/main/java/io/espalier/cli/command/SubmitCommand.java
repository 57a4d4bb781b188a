package io.espalier.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.request.RequestFile;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.request.RequestReader;
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

/** {@code espalier submit FILE}: prints the id of each job. */
@Command(name = "submit", description = "Sends a request to a coordinator and prints the job's id.", mixinStandardHelpOptions = true)
public final class SubmitCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOption server;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "FILE", description = "Request, YAML or JSON; - is standard input.")
    private String file;

    @Option(names = "--watch", description = "Follow the jobs until they have ended.")
    private boolean watch;

    @Override
    public Integer call() throws UsageException, ServerException, InterruptedException {
        List<ObjectNode> requests = RequestFile.read(file, System.in).requests(new RequestReader(),
                Path.of("").toAbsolutePath());
        try (CoordinatorClient client = server.connect()) {
            List<JobSnapshot> jobs = new ArrayList<>();
            for (ObjectNode request : requests) {
                jobs.addAll(client.submit(request));
            }
            print(jobs);
            int status = Exit.DONE;
            for (JobSnapshot job : watch ? jobs : List.<JobSnapshot>of()) {
                status = Math.max(status, WatchCommand.follow(client, job.id().value(), spec));
            }
            return status;
        }
    }

    private void print(List<JobSnapshot> jobs) {
        if (output.isJson()) {
            OutputOption.printJson(spec.commandLine().getOut(), jobs);
        } else {
            jobs.forEach(job -> spec.commandLine().getOut().println(job.id()));
            spec.commandLine().getOut().flush();
        }
    }
}
