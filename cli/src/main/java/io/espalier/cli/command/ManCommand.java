package io.espalier.cli.command;

import io.espalier.cli.render.ManPage;
import io.espalier.cli.request.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier man [COMMAND]}: manual pages, to read or to install. */
@Command(name = "man", description = "Prints the manual page of a command, or writes those of all commands to a folder.", mixinStandardHelpOptions = true)
public final class ManCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "The command; without, the page of espalier itself.")
    private String command;

    @Option(names = "--dir", paramLabel = "DIR", description = "Writes every page there, as NAME.1.")
    private Path folder;

    @Override
    public Integer call() throws UsageException, IOException {
        CommandLine root = spec.parent().commandLine();
        if (folder != null) {
            Files.createDirectories(folder);
            List<CommandLine> all = new ArrayList<>(List.of(root));
            all.addAll(root.getSubcommands().values());
            for (CommandLine each : all) {
                Files.writeString(folder.resolve(ManPage.name(each.getCommandSpec()) + ".1"), ManPage.of(each
                        .getCommandSpec()));
            }
            return Exit.DONE;
        }
        CommandLine named = command == null ? root : root.getSubcommands().get(command);
        if (named == null) {
            throw new UsageException("there is no command '" + command + "'");
        }
        spec.commandLine().getOut().print(ManPage.of(named.getCommandSpec()));
        spec.commandLine().getOut().flush();
        return Exit.DONE;
    }
}
