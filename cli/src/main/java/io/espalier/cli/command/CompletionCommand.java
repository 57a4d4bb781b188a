package io.espalier.cli.command;

import io.espalier.cli.request.UsageException;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier completion bash|zsh}: a script for the shell to read. */
@Command(name = "completion", description = "Prints a script that completes commands and options in a shell.", mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
    /** zsh runs bash's script once it is told to. */
    private static final String ZSH = "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "bash|zsh", description = "The shell.")
    private String shell;

    @Override
    public Integer call() throws UsageException {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new UsageException("no completion for '" + shell + "': write bash or zsh");
        }
        String script = AutoComplete.bash("espalier", spec.parent().commandLine());
        spec.commandLine().getOut().print(shell.equals("zsh") ? ZSH + script : script);
        spec.commandLine().getOut().flush();
        return Exit.DONE;
    }
}
