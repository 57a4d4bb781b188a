package io.espalier.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.request.RequestFile;
import io.espalier.cli.request.RequestPaths;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.Program;
import io.espalier.protocol.request.RequestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code espalier check FILE|MODEL}: the request is checked here, the checkpoint in a process of the scoring worker, which
 * can read it.
 */
@Command(name = "check", description = "Refuses early: family, shapes, options, predicted parameters, bytes and memory.", mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "FILE|MODEL", description = "A request (YAML, JSON, or - for standard input), or a checkpoint folder (path or s3:// URI).")
    private String subject;

    @Override
    public Integer call() throws UsageException, IOException, InterruptedException {
        if (subject.startsWith("s3://")) {
            return check(subject);
        }
        Path path = Path.of(subject).toAbsolutePath();
        if (Files.isDirectory(path)) {
            return check(path.toString());
        }
        List<ObjectNode> requests = RequestFile.read(subject, System.in).requests(new RequestReader(),
                Path.of("").toAbsolutePath());
        int status = Exit.DONE;
        for (ObjectNode request : requests) {
            RequestPaths.requireInputs(request);
            status = Math.max(status, check(request));
        }
        return status;
    }

    private int check(ObjectNode request) throws IOException, InterruptedException {
        Path file = Files.createTempFile("espalier-check-", ".json");
        try {
            Files.writeString(file, request.toString());
            return check(file.toString());
        } finally {
            Files.delete(file);
        }
    }

    private int check(String place) throws IOException, InterruptedException {
        spec.commandLine().getOut().flush();
        List<String> command = new ArrayList<>(Installation.current().command(Program.CHECK));
        command.add(place);
        if (output.isJson()) {
            command.add("json");
        }
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
