package io.espalier.cli.command;

import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code espalier bench}. The launcher starts the benchmarks itself; this command serves who calls the command line
 * otherwise, and {@code --help}. What is behind it is read by the benchmarks.
 */
@Command(name = "bench", description = "The project's own benchmarks, each figure beside its limit.")
public final class BenchCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Installation.current().command(Program.BENCH));
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
