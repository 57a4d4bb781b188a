package io.espalier.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.render.JobView;
import io.espalier.cli.render.ReportView;
import io.espalier.cli.render.Screen;
import io.espalier.cli.request.OutputFolder;
import io.espalier.cli.request.RequestFile;
import io.espalier.cli.request.RequestPaths;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.run.DataFolder;
import io.espalier.cli.run.PruneRun;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.LocalStack;
import io.espalier.cli.stack.StackException;
import io.espalier.cli.stack.StackOptions;
import io.espalier.platform.config.AllowedRoots;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.request.RequestReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier prune FILE}: everything on this machine, from the request to the result folder. */
@Command(name = "prune", description = "Prunes on this machine: starts what is needed, writes the result, stops all.", mixinStandardHelpOptions = true)
public final class PruneCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptionsGroup stack;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "FILE", description = "Request, YAML or JSON; - is standard input.")
    private String file;

    @Option(names = "--out", paramLabel = "DIR", description = "Result folder, whatever the request says.")
    private Path out;

    @Option(names = "--force", description = "Move a result folder that holds something else aside.")
    private boolean force;

    @Option(names = "--data", paramLabel = "DIR", description = "Keeps broker, artifacts and logs (a temporary folder, removed at the end).")
    private Path data;

    @Option(names = "--quiet", description = "No progress.")
    private boolean quiet;

    @Override
    public Integer call() throws Exception {
        List<ObjectNode> requests = requests();
        try (DataFolder folder = DataFolder.of(data)) {
            return run(requests, folder);
        } catch (IOException e) {
            throw new UsageException("--data: the folder cannot be made: " + e, e);
        }
    }

    /** Everything that can be wrong with the request is found before anything starts. */
    private List<ObjectNode> requests() throws UsageException {
        Path here = Path.of("").toAbsolutePath();
        List<ObjectNode> requests = RequestFile.read(file, System.in).requests(new RequestReader(), here);
        if (out != null) {
            OutputFolder.set(requests, here.resolve(out).normalize());
        }
        AllowedRoots roots = AllowedRoots.from(Settings.fromEnv(System.getenv())); // the coordinator will read the same
        requests.forEach(roots::require);
        requests.forEach(RequestPaths::requireInputs);
        for (ObjectNode request : requests) {
            Optional<Path> location = OutputFolder.of(request);
            if (location.isPresent()) {
                OutputFolder.guard(location.get(), force)
                        .ifPresent(moved -> err()
                                .println("espalier: what was in " + location.get() + " is now in " + moved));
            }
        }
        return requests;
    }

    private int run(List<ObjectNode> requests, DataFolder folder)
            throws UsageException, StackException, ServerException, InterruptedException {
        Screen screen = Screen.of(err(), System.getenv(), quiet);
        StackOptions options = stack.options(folder.path(), 0);
        LocalStack local = LocalStack.prepare(Installation.current()::command, options,
                message -> screen.say("espalier: " + message));
        PruneRun run = new PruneRun(local, screen);
        Thread interruption = Thread.ofPlatform().name("interrupted").unstarted(() -> {
            run.interrupt();
            folder.close();
        });
        Runtime.getRuntime().addShutdownHook(interruption);
        try (run) {
            int status = print(run.execute(requests), screen);
            screen.draw(List.of("stopping ..."));
            return status;
        } catch (StackException | ServerException e) {
            if (run.isInterrupted()) {
                return Exit.INTERRUPTED;
            }
            throw e;
        } finally {
            screen.clear();
            removeHook(interruption);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it is running: this process is ending
        }
    }

    private int print(List<PruneRun.Result> results, Screen screen) {
        screen.keep();
        int status = Exit.DONE;
        for (PruneRun.Result result : results) {
            err().print(JobView.error(result.job()));
            status = result.job().state() == JobSnapshot.State.SUCCEEDED ? status : Exit.FAILED;
        }
        err().flush();
        List<ObjectNode> reports = results.stream().map(PruneRun.Result::report).toList();
        if (output.isJson()) {
            OutputOption.printJson(out(), reports.size() == 1 ? reports.getFirst() : reports);
        } else {
            printTables(results, reports);
        }
        return status;
    }

    private void printTables(List<PruneRun.Result> results, List<ObjectNode> reports) {
        if (reports.size() > 1) {
            out().print(ReportView.sideBySide(reports.stream().map(ReportView::parse).toList()));
        } else if (results.getFirst().job().state() == JobSnapshot.State.SUCCEEDED) {
            out().print(ReportView.beforeAfter(ReportView.parse(reports.getFirst())));
        }
        for (PruneRun.Result result : results) {
            if (result.job().state() == JobSnapshot.State.SUCCEEDED) {
                out().println("written: " + result.job().request().output().location());
            }
        }
        out().flush();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
