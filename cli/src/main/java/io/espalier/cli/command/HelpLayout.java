package io.espalier.cli.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Model.UsageMessageSpec;

/** How help looks: as wide as the terminal within reason, and commands grouped by what they are for. */
public final class HelpLayout {
    /** Every command stands in one of these. */
    static final Map<String, List<String>> GROUPS = groups();
    private static final int NARROWEST = 80;
    private static final int WIDEST = 110;
    private static final int NAME_WIDTH = 18;

    private HelpLayout() {}

    private static Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        groups.put("Prune on this machine", List.of("prune", "check", "methods"));
        groups.put("Jobs of a running coordinator", List.of("submit", "list", "status", "watch", "report", "compare",
                "pause", "resume", "cancel", "retry", "delete", "dead-letters"));
        groups.put("Run it", List.of("up", "broker", "coordinator", "scoring-worker", "gpu-worker", "eval-worker",
                "bench"));
        groups.put("About the command line", List.of("help", "completion", "man"));
        return groups;
    }

    /** Sets it for a command line with all its commands. */
    public static void apply(CommandLine line) {
        line.setUsageHelpWidth(Math.clamp(Integer.getInteger("espalier.columns", NARROWEST), NARROWEST, WIDEST));
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, _ -> "");
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, HelpLayout::commands);
        line.getCommandSpec().usageMessage().footer("", "Start with:",
                "  espalier prune examples/stories.yaml --out out",
                "  espalier help prune");
    }

    private static String commands(Help help) {
        StringBuilder text = new StringBuilder();
        GROUPS.forEach((title, names) -> {
            TextTable table = TextTable.forColumns(help.colorScheme(), new Column(NAME_WIDTH, 2, Overflow.SPAN),
                    new Column(help.commandSpec().usageMessage().width() - NAME_WIDTH, 1, Overflow.WRAP));
            names.forEach(name -> table.addRowValues(name, String.join(" ", help.commandSpec().subcommands().get(name)
                    .getCommandSpec().usageMessage().description())));
            text.append(System.lineSeparator()).append(title).append(':').append(System.lineSeparator()).append(table);
        });
        return text.toString();
    }
}
