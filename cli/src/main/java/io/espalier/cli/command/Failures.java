package io.espalier.cli.command;

import io.espalier.cli.request.UsageException;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.config.SettingException;
import io.espalier.protocol.request.InvalidRequestException;
import java.io.PrintWriter;
import picocli.CommandLine;

/** Turns what a command throws into a message on standard error and an exit status. */
public final class Failures {
    private Failures() {}

    public static CommandLine handle(CommandLine line) {
        return line.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command.getErr()))
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static int report(Exception failure, PrintWriter err) throws Exception {
        switch (failure) {
            case InvalidRequestException invalid -> {
                err.println("espalier: the request is not valid");
                invalid.problems().forEach(problem -> err.println("  " + problem));
                return Exit.USAGE;
            }
            case UsageException usage -> {
                err.println("espalier: " + usage.getMessage());
                return Exit.USAGE;
            }
            case SettingException wrong -> {
                err.println("espalier: " + wrong.getMessage());
                return Exit.USAGE;
            }
            case ServerException server -> {
                err.println("espalier: " + server.getMessage());
                return server.isUsersFault() ? Exit.USAGE : Exit.FAILED;
            }
            case StackException stack -> {
                err.println("espalier: " + stack.getMessage());
                return Exit.FAILED;
            }
            case InterruptedException interrupted -> {
                return Exit.INTERRUPTED;
            }
            default -> throw failure;
        }
    }
}
