package io.espalier.cli.command;

import io.espalier.cli.request.UsageException;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.config.SettingException;
import io.espalier.protocol.request.InvalidRequestException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * Turns what a command throws into a message on standard error, JSON where JSON was asked for, and an exit status.
 */
public final class Failures {
    /** What is told: one sentence, and what is wrong in detail. */
    private record Told(int status, String error, List<String> problems) {
        static Told of(int status, Exception failure) {
            return new Told(status, failure.getMessage(), List.of());
        }
    }

    private Failures() {}

    public static CommandLine handle(CommandLine line) {
        return line.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command))
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static int report(Exception failure, CommandLine command) throws Exception {
        if (failure instanceof InterruptedException) {
            return Exit.INTERRUPTED;
        }
        Told told = switch (failure) {
            case InvalidRequestException invalid -> new Told(Exit.USAGE, "the request is not valid", invalid.problems()
                    .stream().map(Object::toString).toList());
            case UsageException usage -> Told.of(Exit.USAGE, usage);
            case SettingException wrong -> Told.of(Exit.USAGE, wrong);
            case ServerException server -> Told.of(server.isUsersFault() ? Exit.USAGE : Exit.FAILED, server);
            case StackException stack -> Told.of(Exit.FAILED, stack);
            default -> throw failure;
        };
        if (OutputOption.isJson(command.getCommandSpec())) {
            OutputOption.printJson(command.getErr(), Map.of("error", told.error(), "problems", told.problems()));
        } else {
            command.getErr().println("espalier: " + told.error());
            told.problems().forEach(problem -> command.getErr().println("  " + problem));
        }
        return told.status();
    }
}
