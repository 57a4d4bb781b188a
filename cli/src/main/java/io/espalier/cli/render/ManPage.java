package io.espalier.cli.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command, made of what its help says, in the macros of man(7). */
public final class ManPage {
    private static final String STATUS = """
            .SH EXIT STATUS
            .TP
            .B 0
            done
            .TP
            .B 1
            the job failed, or the coordinator does not answer
            .TP
            .B 2
            the request or the usage is wrong
            .TP
            .B 130
            interrupted
            """;

    private ManPage() {}

    /** {@code espalier-watch}, or {@code espalier}. */
    public static String name(CommandSpec command) {
        return command.qualifiedName("-");
    }

    public static String of(CommandSpec command) {
        StringBuilder page = new StringBuilder(".TH " + name(command).toUpperCase(Locale.ROOT)
                + " 1 \"\" \"Espalier\" \"Espalier\"\n.SH NAME\n");
        String description = String.join(" ", command.usageMessage().description());
        page.append(text(name(command))).append(" \\- ").append(text(description.replaceAll("\\.$", ""))).append('\n');
        page.append(".SH SYNOPSIS\n").append(text(command.commandLine().getHelp().synopsis(0).strip().replaceAll(
                "\\s+", " "))).append('\n').append(".SH DESCRIPTION\n").append(text(description)).append('\n');
        List<String> options = options(command);
        if (!options.isEmpty()) {
            page.append(".SH OPTIONS\n");
            options.forEach(page::append);
        }
        if (!command.subcommands().isEmpty()) {
            page.append(".SH COMMANDS\n");
            command.subcommands().values().forEach(sub -> page.append(entry(name(sub.getCommandSpec()) + "(1)", sub
                    .getCommandSpec().usageMessage().description())));
        }
        page.append(STATUS);
        List<String> examples = Stream.of(command.usageMessage().footer()).filter(line -> line.startsWith("  "))
                .toList();
        if (!examples.isEmpty()) {
            page.append(".SH EXAMPLES\n.nf\n");
            examples.forEach(line -> page.append(text(line.strip())).append('\n'));
            page.append(".fi\n");
        }
        return page.toString();
    }

    private static List<String> options(CommandSpec command) {
        List<String> entries = new ArrayList<>();
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            entries.add(entry(parameter.paramLabel(), described(parameter)));
        }
        for (OptionSpec option : command.options()) {
            String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            entries.add(entry(String.join(", ", option.names()) + value, described(option)));
        }
        return entries;
    }

    private static String[] described(ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates() == null
                ? List.of()
                : argument.completionCandidates();
        return Stream.of(argument.description()).map(line -> line.replace("${DEFAULT-VALUE}", String.valueOf(argument
                .defaultValue())).replace("${COMPLETION-CANDIDATES}", String.join(", ", candidates)))
                .toArray(String[]::new);
    }

    private static String entry(String term, String[] description) {
        return ".TP\n.B " + text(term) + "\n" + text(String.join(" ", description)) + "\n";
    }

    /** Without markup and with the characters escaped that mean something to troff. */
    private static String text(String line) {
        String plain = Ansi.OFF.string(line).replace("%n", " ").replace("\\", "\\e").replace("-", "\\-");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}
