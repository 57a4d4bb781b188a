package io.espalier.cli.command;

import io.espalier.cli.render.Screen;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.LocalStack;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.process.Ports;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code espalier up}: the whole stack, until it is interrupted. */
@Command(name = "up", description = "Starts broker, coordinator and workers on this machine, and keeps them up.", mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptionsGroup stack;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = ".espalier", description = "Keeps broker, artifacts and logs (${DEFAULT-VALUE}).")
    private Path data;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080", description = "HTTP port of the coordinator; 0 means any (${DEFAULT-VALUE}).")
    private int port;

    @Override
    public Integer call() throws UsageException, StackException, InterruptedException {
        if (port < 0 || port > 65_535 || port > 0 && !Ports.isFree(port)) {
            throw new UsageException("port " + port + " is not free: name another with --port");
        }
        Screen screen = Screen.of(spec.commandLine().getErr(), System.getenv(), false);
        LocalStack local = LocalStack.prepare(Installation.current()::command,
                stack.options(data.toAbsolutePath().normalize(), port), message -> screen.say("espalier: " + message));
        Thread close = Thread.ofPlatform().name("stop").unstarted(local::close);
        Runtime.getRuntime().addShutdownHook(close);
        screen.draw(List.of("starting broker, coordinator and workers ..."));
        try (local) {
            local.startAll();
            screen.clear();
            spec.commandLine().getOut().println("Espalier is up: " + local.server() + "  (Kafka "
                    + local.bootstrapServers() + ", data " + data + "). Ctrl-C stops it.");
            spec.commandLine().getOut().flush();
            throw local.givenUp().get();
        } catch (ExecutionException e) {
            throw new StackException("the stack cannot go on", e.getCause());
        }
    }
}
