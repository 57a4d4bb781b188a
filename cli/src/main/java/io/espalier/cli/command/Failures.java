package io.espalier.cli.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.config.SettingException;
import io.espalier.protocol.request.InvalidRequestException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns what a command throws, and what picocli refuses before any command runs, into a message on standard error, JSON
 * where JSON was asked for, and an exit status.
 */
public final class Failures {
    /** Whose fault it is, for scripts. */
    private enum Code {
        USAGE, REQUEST, SETTING, SERVER, STACK
    }

    /**
     * What is told.
     *
     * @param code     in small letters
     * @param error    one sentence
     * @param key      the option or parameter that is wrong, null where it is not known
     * @param value    what was written for it, null where nothing was
     * @param problems what is wrong in detail
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Told(String code, String error, String key, String value, List<String> problems) {
        static Told of(Code code, String error, List<String> problems) {
            return new Told(code.name().toLowerCase(Locale.ROOT), error, null, null, problems);
        }

        static Told of(Code code, Exception failure) {
            return of(code, failure.getMessage(), List.of());
        }
    }

    private Failures() {}

    public static CommandLine handle(CommandLine line) {
        return line.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command))
                .setParameterExceptionHandler(Failures::refuse).setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static int report(Exception failure, CommandLine command) throws Exception {
        if (failure instanceof InterruptedException) {
            return Exit.INTERRUPTED;
        }
        Told told = switch (failure) {
            case InvalidRequestException invalid -> Told.of(Code.REQUEST, "the request is not valid", invalid
                    .problems().stream().map(Object::toString).toList());
            case UsageException usage -> Told.of(Code.USAGE, usage);
            case SettingException wrong -> Told.of(Code.SETTING, wrong);
            case ServerException server -> Told.of(Code.SERVER, server);
            case StackException stack -> Told.of(Code.STACK, stack);
            default -> throw failure;
        };
        tell(told, command, OutputOption.isJson(command.getCommandSpec()));
        return switch (failure) {
            case ServerException server when !server.isUsersFault() -> Exit.FAILED;
            case StackException _ -> Exit.FAILED;
            default -> Exit.USAGE;
        };
    }

    /** Arguments that are no command: what is wrong, and where help is; all of the help where a command is missing. */
    private static int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        boolean json = OutputOption.asksForJson(arguments);
        tell(new Told(Code.USAGE.name().toLowerCase(Locale.ROOT), decapitalized(failure.getMessage()), key(failure),
                value(failure), suggestions(failure)), command, json);
        if (!json) {
            if (command.getSubcommands().isEmpty() || failure instanceof UnmatchedArgumentException) {
                command.getErr().println("see '" + command.getCommandSpec().qualifiedName() + " --help'");
            } else {
                command.usage(command.getErr());
            }
        }
        return Exit.USAGE;
    }

    private static void tell(Told told, CommandLine command, boolean json) {
        if (json) {
            OutputOption.printJson(command.getErr(), told);
        } else {
            command.getErr().println("espalier: " + told.error());
            told.problems().forEach(problem -> command.getErr().println("  " + problem));
        }
    }

    private static String key(ParameterException failure) {
        return switch (failure) {
            case UnmatchedArgumentException unmatched when unmatched.isUnknownOption() -> unmatched.getUnmatched()
                    .getFirst();
            case MissingParameterException missing when !missing.getMissing().isEmpty() -> name(missing.getMissing()
                    .getFirst());
            default -> failure.getArgSpec() == null ? null : name(failure.getArgSpec());
        };
    }

    private static String value(ParameterException failure) {
        return failure instanceof UnmatchedArgumentException unmatched
                ? unmatched.isUnknownOption() ? null : unmatched.getUnmatched().getFirst()
                : failure.getValue();
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static List<String> suggestions(ParameterException failure) {
        return failure instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()
                ? List.of("did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?")
                : List.of();
    }

    private static String decapitalized(String sentence) {
        return sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
    }
}
