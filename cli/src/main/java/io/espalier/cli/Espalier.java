package io.espalier.cli;

import io.espalier.cli.command.BenchCommand;
import io.espalier.cli.command.CheckCommand;
import io.espalier.cli.command.CompareCommand;
import io.espalier.cli.command.CompletionCommand;
import io.espalier.cli.command.ControlCommand;
import io.espalier.cli.command.Examples;
import io.espalier.cli.command.Failures;
import io.espalier.cli.command.HelpLayout;
import io.espalier.cli.command.DeadLettersCommand;
import io.espalier.cli.command.DeleteCommand;
import io.espalier.cli.command.ListCommand;
import io.espalier.cli.command.ManCommand;
import io.espalier.cli.command.MethodsCommand;
import io.espalier.cli.command.ProcessCommand;
import io.espalier.cli.command.PruneCommand;
import io.espalier.cli.command.ReportCommand;
import io.espalier.cli.command.StatusCommand;
import io.espalier.cli.command.SubmitCommand;
import io.espalier.cli.command.UpCommand;
import io.espalier.cli.command.Version;
import io.espalier.cli.command.WatchCommand;
import io.espalier.cli.stack.Program;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The command line. Exit status: 0 done, 1 the job failed, 2 request or usage is wrong, 130 interrupted. */
@Command(name = "espalier", versionProvider = Version.class, mixinStandardHelpOptions = true, sortOptions = false, synopsisSubcommandLabel = "COMMAND", description = "Structured pruning of large language models.", subcommands = {
    PruneCommand.class, UpCommand.class, SubmitCommand.class, ListCommand.class, StatusCommand.class,
    WatchCommand.class, ReportCommand.class, CompareCommand.class, DeleteCommand.class, DeadLettersCommand.class,
    CheckCommand.class, MethodsCommand.class, BenchCommand.class, CompletionCommand.class, ManCommand.class,
    CommandLine.HelpCommand.class})
public final class Espalier {
    private Espalier() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** All commands, ready to execute. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Espalier());
        for (ControlCommand.Verb verb : ControlCommand.Verb.values()) {
            add(line, verb.label(), new ControlCommand(verb), verb.description());
        }
        for (Program program : List.of(Program.BROKER, Program.COORDINATOR, Program.SCORING_WORKER, Program.GPU_WORKER,
                Program.EVAL_WORKER)) {
            add(line, program.name(), new ProcessCommand(program),
                    "One " + program.name() + " process, configured by ESPALIER_* variables.");
        }
        line.getSubcommands().values().forEach(sub -> sub.getCommandSpec().versionProvider(new Version()));
        Examples.addTo(line);
        HelpLayout.apply(line);
        return Failures.handle(line);
    }

    private static void add(CommandLine line, String name, Object command, String description) {
        CommandSpec spec = CommandSpec.forAnnotatedObject(command).name(name);
        spec.usageMessage().description(description);
        line.addSubcommand(name, new CommandLine(spec));
    }
}
