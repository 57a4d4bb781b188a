package io.espalier.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.request.JobNames;
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

    @Option(names = "--key", paramLabel = "KEY", description = "Names the submission: sent again under the same key, an equal request is the same job, and another one is refused.")
    private String key;

    @Option(names = "--watch", description = "Follow the jobs until they have ended.")
    private boolean watch;

    @Override
    public Integer call() throws UsageException, ServerException, InterruptedException {
        List<ObjectNode> requests = RequestFile.read(file, System.in).requests(new RequestReader(),
                Path.of("").toAbsolutePath());
        try (CoordinatorClient client = server.connect()) {
            List<JobSnapshot> jobs = new ArrayList<>();
            for (int i = 0; i < requests.size(); i++) {
                jobs.addAll(client.submit(key(i, requests), requests.get(i)));
            }
            if (!watch) {
                print(jobs);
                return Exit.DONE;
            }
            if (!output.isJson()) {
                print(jobs); // who is interrupted while watching knows what to watch again
            }
            return WatchCommand.follow(client, jobs.stream().map(job -> job.id().value()).toList(), output, spec);
        }
    }

    /** One request of a sweep is a submission of its own. */
    private String key(int index, List<ObjectNode> requests) {
        if (key == null) {
            return JobNames.fresh(requests.get(index)).value();
        }
        return requests.size() == 1 ? key : key + "-" + (index + 1);
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
