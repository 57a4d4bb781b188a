package io.espalier.cli.command;

import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.Program;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * One process of a deployment, in the foreground. The launcher starts these programs itself; this command serves who calls
 * the command line otherwise, and {@code --help}.
 */
@Command(mixinStandardHelpOptions = true)
public final class ProcessCommand implements Callable<Integer> {
    private final Program program;

    public ProcessCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Installation.current().command(program)).inheritIO().start();
        Thread stop = Thread.ofPlatform().name("stop").unstarted(process::destroy);
        Runtime.getRuntime().addShutdownHook(stop);
        return process.waitFor();
    }
}
