package io.espalier.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** What stands below the options in the help of each command: how it is used. */
public final class Examples {
    private static final String PROCESS = "ESPALIER_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 ESPALIER_ARTIFACTS=/srv/artifacts espalier ";
    private static final Map<String, List<String>> ALL = Map.ofEntries(
            Map.entry("prune", List.of("espalier prune examples/stories.yaml --out out",
                    "espalier prune request.yaml --gpu-workers 2 -o json > report.json",
                    "cat request.yaml | espalier prune - --quiet")),
            Map.entry("up", List.of("espalier up --scoring-workers 4 --data /srv/espalier")),
            Map.entry("submit", List.of("espalier submit request.yaml", "espalier submit request.yaml --watch",
                    "espalier submit request.yaml --server http://gpu-box:8080 -o json")),
            Map.entry("list", List.of("espalier list --state running", "espalier list -o json | jq -r '.[].id'")),
            Map.entry("status", List.of("espalier status stories-20-x7k2pm")),
            Map.entry("watch", List.of("espalier watch stories-20-x7k2pm && echo done",
                    "espalier watch $(espalier submit sweep.yaml)")),
            Map.entry("report", List.of("espalier report stories-20-x7k2pm", "espalier report out/report.json")),
            Map.entry("compare",
                    List.of("espalier compare JOB JOB", "espalier compare out-a out-b --html compare.html")),
            Map.entry("cancel", List.of("espalier cancel stories-20-x7k2pm")),
            Map.entry("pause", List.of("espalier pause stories-20-x7k2pm")),
            Map.entry("resume", List.of("espalier resume stories-20-x7k2pm")),
            Map.entry("retry", List.of("espalier retry stories-20-x7k2pm")),
            Map.entry("check", List.of("espalier check request.yaml", "espalier check /models/Llama-3-8B")),
            Map.entry("methods", List.of("espalier methods", "espalier methods llm-pruner -o json")),
            Map.entry("delete", List.of("espalier delete stories-20-x7k2pm")),
            Map.entry("dead-letters", List.of("espalier dead-letters list --stack",
                    "espalier dead-letters replay 7")),
            Map.entry("bench", List.of("espalier bench", "espalier bench score --quick")),
            Map.entry("man", List.of("espalier man watch | man -l -",
                    "espalier man --dir ~/.local/share/man/man1")),
            Map.entry("broker", List.of("ESPALIER_DATA=/srv/broker espalier broker")),
            Map.entry("coordinator", List.of(PROCESS + "coordinator")),
            Map.entry("scoring-worker", List.of(PROCESS + "scoring-worker")),
            Map.entry("gpu-worker",
                    List.of(PROCESS + "gpu-worker", "ESPALIER_DEVICE=cuda:1 " + PROCESS + "gpu-worker")),
            Map.entry("eval-worker", List.of(PROCESS + "eval-worker")),
            Map.entry("completion", List.of("source <(espalier completion bash)",
                    "espalier completion zsh > ~/.espalier.zsh")));

    private Examples() {}

    /** Adds them to the help of every command that has some. */
    public static void addTo(CommandLine line) {
        line.getSubcommands().forEach((name, command) -> {
            if (ALL.containsKey(name)) {
                List<String> footer = new ArrayList<>(
                        List.of("", ALL.get(name).size() == 1 ? "Example:" : "Examples:"));
                ALL.get(name).forEach(example -> footer.add("  " + example));
                command.getCommandSpec().usageMessage().footer(footer.toArray(String[]::new));
            }
        });
    }
}
