package io.espalier.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.cli.render.DeadLetterView;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.DeadLetter;
import io.espalier.cli.server.ServerException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier dead-letters list|replay}. */
@Command(name = "dead-letters", description = "What could not be processed: requests, reports and tasks that were given up.", mixinStandardHelpOptions = true)
public final class DeadLettersCommand {
    @Spec
    private CommandSpec spec;

    @Command(description = "The latest, latest first, each with its reason and where it came from.", mixinStandardHelpOptions = true)
    int list(@Mixin ServerOption server, @Mixin OutputOption output,
            @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "At most so many (${DEFAULT-VALUE}).") int limit,
            @Option(names = "--stack", description = "Shows the stack traces too.") boolean stack)
            throws ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            List<DeadLetter> letters = client.deadLetters(limit);
            if (output.isJson()) {
                OutputOption.printJson(spec.commandLine().getOut(), letters);
            } else {
                spec.commandLine().getOut().print(DeadLetterView.list(letters, stack));
                spec.commandLine().getOut().flush();
            }
        }
        return Exit.DONE;
    }

    @Command(description = "Sends dead letters again, once what was wrong is mended; for a task, its job is retried.", mixinStandardHelpOptions = true)
    int replay(@Mixin ServerOption server, @Mixin OutputOption output,
            @Parameters(paramLabel = "NUMBER", arity = "1..*", description = "Numbers, as list shows them.") List<Long> numbers)
            throws ServerException, InterruptedException {
        try (CoordinatorClient client = server.connect()) {
            List<JsonNode> answers = new ArrayList<>();
            for (long number : numbers) {
                JsonNode answer = client.replay(number);
                answers.add(answer);
                if (output.isJson()) {
                    continue;
                }
                spec.commandLine().getOut().println(number + ": sent again to " + answer.path("topic").asText() + " as "
                        + answer.path("as").asText());
            }
            if (output.isJson()) {
                OutputOption.printJson(spec.commandLine().getOut(), answers);
            }
        }
        return Exit.DONE;
    }
}
