package io.espalier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.cli.Espalier;
import io.espalier.cli.Jobs;
import io.espalier.cli.server.FakeCoordinator;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.topic.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Exit statuses and what stands on which stream, command by command, without starting anything. */
class CommandLineTest {
    private static final String JSON = "application/json";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private FakeCoordinator coordinator;

    @BeforeEach
    void start() throws Exception {
        coordinator = new FakeCoordinator();
    }

    @AfterEach
    void stop() {
        coordinator.close();
    }

    @Test
    void knowsEveryCommandOfTheContract() {
        assertThat(Espalier.commandLine().getSubcommands()).containsKeys("prune", "up", "submit", "list", "status",
                "watch", "report", "cancel", "pause", "resume", "retry", "compare", "check", "methods", "broker",
                "coordinator", "scoring-worker", "gpu-worker", "eval-worker", "completion", "help", "delete",
                "dead-letters");
    }

    @Test
    void everyCommandHasHelpWithExamples() {
        Set<String> commands = new TreeSet<>(Espalier.commandLine().getSubcommands().keySet());
        commands.remove("help");
        for (String command : commands) {
            out.getBuffer().setLength(0);
            assertThat(run("help", command)).isZero();
            assertThat(out.toString()).contains("Usage: espalier " + command).contains("Example",
                    "espalier " + command);
        }
    }

    @Test
    void helpGroupsEveryCommandByWhatItIsFor() {
        List<String> grouped = HelpLayout.GROUPS.values().stream().flatMap(List::stream).toList();
        assertThat(grouped).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(Espalier.commandLine()
                .getSubcommands().keySet());
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("Jobs of a running coordinator:", "  watch ", "Start with:");
        assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    /** Those that start processes, or print what is for a shell or a pager, have nothing to say in JSON. */
    @Test
    void everyCommandWithAResultSpeaksJson() {
        Set<String> without = Set.of("up", "broker", "coordinator", "scoring-worker", "gpu-worker", "eval-worker",
                "bench",
                "completion", "man", "help");
        Espalier.commandLine().getSubcommands().forEach((name, command) -> {
            if (!without.contains(name)) {
                List<CommandLine> leaves = command.getSubcommands().isEmpty()
                        ? List.of(command)
                        : List.copyOf(command.getSubcommands().values());
                assertThat(leaves).as(name).allSatisfy(leaf -> assertThat(leaf.getCommandSpec().findOption("-o"))
                        .isNotNull());
            }
        });
    }

    @Test
    void errorsAreJsonWhereJsonWasAskedFor() throws Exception {
        Path file = Files.writeString(folder.resolve("r.yaml"), "{modle: m, method: {name: random}}");
        assertThat(run("submit", file.toString(), "-o", "json")).isEqualTo(2);
        JsonNode invalid = Json.events().readTree(err.toString());
        assertThat(invalid.path("error").asText()).isEqualTo("the request is not valid");
        assertThat(invalid.path("code").asText()).isEqualTo("request");
        assertThat(invalid.path("problems")).isNotEmpty();
        err.getBuffer().setLength(0);
        assertThat(run("status", "nothing", "-o", "json", "--server", coordinator.uri().toString())).isEqualTo(2);
        assertThat(Json.events().readTree(err.toString()).path("error").asText()).contains("nothing");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void wrongUsageIsJsonToo() throws Exception {
        JsonNode value = refused("prune", "a.yaml", "--gpu-workers", "many", "-o", "json");
        assertThat(value.path("code").asText()).isEqualTo("usage");
        assertThat(value.path("key").asText()).isEqualTo("--gpu-workers");
        assertThat(value.path("value").asText()).isEqualTo("many");
        assertThat(value.path("error").asText()).contains("--gpu-workers", "many");
        assertThat(refused("list", "--state", "tired", "--output=json").path("value").asText()).isEqualTo("tired");

        JsonNode unknown = refused("list", "-ojson", "--stat", "running");
        assertThat(unknown.path("key").asText()).isEqualTo("--stat");
        assertThat(unknown.at("/problems/0").asText()).contains("did you mean", "--state");
        JsonNode command = refused("wotch", "a", "-o", "json");
        assertThat(command.has("key")).isFalse();
        assertThat(command.path("value").asText()).isEqualTo("wotch");
        assertThat(command.at("/problems/0").asText()).contains("watch");

        assertThat(refused("prune", "-o", "json").path("key").asText()).isEqualTo("FILE");
        assertThat(refused("list", "-o", "JSON", "--state").path("key").asText()).isEqualTo("--state");
    }

    private JsonNode refused(String... args) throws Exception {
        err.getBuffer().setLength(0);
        assertThat(run(args)).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        return Json.events().readTree(err.toString());
    }

    @Test
    void wrongUsageIsTwoLinesAndNotAllOfTheHelp() {
        assertThat(run("list", "--stat", "running")).isEqualTo(2);
        assertThat(err.toString()).contains("espalier: unknown option", "did you mean --state?",
                "see 'espalier list --help'").doesNotContain("Usage:");
        err.getBuffer().setLength(0);
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("Usage: espalier", "prune");
    }

    @Test
    void everyCommandHasAManualPage() throws Exception {
        Path pages = folder.resolve("man1");
        assertThat(run("man", "--dir", pages.toString())).isZero();
        Set<String> commands = Espalier.commandLine().getSubcommands().keySet();
        assertThat(commands).allSatisfy(command -> assertThat(pages.resolve("espalier-" + command + ".1")).exists());
        assertThat(Files.readString(pages.resolve("espalier.1"))).contains(".SH COMMANDS", "espalier\\-watch(1)");
        assertThat(run("man", "watch")).isZero();
        assertThat(out.toString()).startsWith(".TH ESPALIER-WATCH 1").contains(".SH SYNOPSIS", ".B \\-\\-server URL",
                ".SH EXAMPLES\n.nf\nespalier watch stories");
        assertThat(run("man", "wotch")).isEqualTo(2);
        assertThat(Files.readString(pages.resolve("espalier-list.1"))).contains("RUNNING, PAUSED, SUCCEEDED");
    }

    @Test
    void completionIsAScriptThatKnowsTheCommands() {
        assertThat(run("completion", "bash")).isZero();
        assertThat(out.toString()).startsWith("#!/usr/bin/env bash").contains("_complete_espalier", "scoring-worker");
        assertThat(run("completion", "fish")).isEqualTo(2);
        assertThat(err.toString()).contains("bash or zsh");
    }

    @Test
    void wrongUsageIsTwo() {
        assertThat(run("prone")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(run("prune", "a.yaml", "--gpu-workers", "many")).isEqualTo(2);
        assertThat(run("prune", folder.resolve("none.yaml").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("there is no such file");
    }

    @Test
    void aWrongRequestIsTwoWithThePathOfTheKey() throws Exception {
        Path file = Files.writeString(folder.resolve("r.yaml"), """
                model: nowhere
                method: {name: llm-pruner, criterian: l1}
                target: {parameters: 80}
                """);

        for (String command : new String[]{"prune", "submit", "check"}) {
            err.getBuffer().setLength(0);
            assertThat(run(command, file.toString())).as(command).isEqualTo(2);
            assertThat(err.toString()).contains("line 2, /method/criterian", "did you mean 'criterion'?",
                    "line 3, /target/parameters: 80 is too large");
        }
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aMissingModelIsTwoBeforeAnythingStarts() throws Exception {
        Path file = Files.writeString(folder.resolve("r.yaml"),
                "{model: nowhere, method: {name: random}, target: {parameters: 0.5}}");

        assertThat(run("prune", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("/model: there is no ").contains("nowhere");
        assertThat(run("prune", file.toString(), "--device", "tpu")).isEqualTo(2);
    }

    @Test
    void aForeignOutputFolderIsTwo() throws Exception {
        Files.createDirectories(folder.resolve("model"));
        Files.writeString(folder.resolve("model/config.json"), "{}");
        Path file = Files.writeString(folder.resolve("r.yaml"), "{model: " + folder
                + "/model, method: {name: random}, target: {parameters: 0.5}}");

        assertThat(run("prune", file.toString(), "--out", folder.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("/output/location", "is not empty");
        assertThat(folder.resolve("r.yaml")).exists();
    }

    @Test
    void methodsShowsOptionsDefaultsAndPapers() throws Exception {
        assertThat(run("methods")).isZero();
        assertThat(out.toString()).contains("llm-pruner: LLM-Pruner", "arXiv:2305.11627", "criterion = param_first",
                "random: Random", "[D]");
        out.getBuffer().setLength(0);
        assertThat(run("methods", "-o", "json")).isZero();
        assertThat(Json.events().readTree(out.toString())).hasSize(8);
        assertThat(run("methods", "snip")).isEqualTo(2);
    }

    @Test
    void submitPrintsTheIdOfEachJobOfASweep() throws Exception {
        coordinator.on("POST /api/v1/jobs", 202, JSON, json("one-1"));
        coordinator.on("POST /api/v1/jobs", 202, JSON, json("two-2"));
        Path file = Files.writeString(folder.resolve("r.yaml"), """
                {model: /m, method: {name: random}, sweep: [{target: {groups: 0.1}}, {target: {groups: 0.2}}]}
                """);

        assertThat(run("submit", file.toString(), "--server", coordinator.uri().toString())).isZero();

        assertThat(out.toString().lines()).containsExactly("one-1", "two-2");
        assertThat(coordinator.asked()).hasSize(2).allSatisfy(asked -> assertThat(asked).contains("\"model\":\"/m\""));
    }

    @Test
    void deleteSaysWhetherTheJobIsGone() {
        String server = coordinator.uri().toString();
        coordinator.on("DELETE /api/v1/jobs/a", 204, JSON, "");
        coordinator.on("DELETE /api/v1/jobs/b", 409, "application/problem+json",
                "{\"title\": \"Conflict\", \"detail\": \"job b is RUNNING: cancel it first\"}");
        assertThat(run("delete", "a", "--server", server)).isZero();
        assertThat(out.toString()).contains("a: deleted");
        assertThat(run("delete", "b", "--server", server)).isEqualTo(2);
        assertThat(err.toString()).contains("cancel it first");
    }

    @Test
    void deadLettersAreListedWithReasonAndOriginAndSentAgain() {
        String server = coordinator.uri().toString();
        coordinator.on("GET /api/v1/dead-letters?limit=50", 200, JSON, """
                {"deadLetters": [{"number": 7, "at": "2026-01-01T00:00:00Z", "topic": "espalier.requests", "partition": 2,
                 "offset": 41, "key": "bad", "reason": "unknown key 'metod'", "stack": "java.lang.X\\n at y", "value": "{}"}]}
                """);
        coordinator.on("POST /api/v1/dead-letters/7/replay", 202, JSON,
                "{\"number\": 7, \"topic\": \"espalier.requests\", \"key\": \"bad\", \"as\": \"what it was\"}");
        assertThat(run("dead-letters", "list", "--server", server)).isZero();
        assertThat(out.toString()).contains("7", "espalier.requests-2@41", "unknown key 'metod'").doesNotContain(
                "java.lang.X");
        assertThat(run("dead-letters", "list", "--stack", "--server", server)).isZero();
        assertThat(out.toString()).contains("java.lang.X");
        assertThat(run("dead-letters", "replay", "7", "--server", server)).isZero();
        assertThat(out.toString()).contains("7: sent again to espalier.requests");
        assertThat(run("dead-letters")).isEqualTo(2);
    }

    @Test
    void theServersProblemIsShownAndTellsTheStatus() {
        coordinator.on("POST /api/v1/jobs/a/cancel", 409, "application/problem+json",
                "{\"title\": \"Conflict\", \"detail\": \"job a has ended\"}");

        assertThat(run("cancel", "a", "--server", coordinator.uri().toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines("espalier: job a has ended");
        assertThat(run("list", "--server", "http://127.0.0.1:1")).isEqualTo(1);
    }

    @Test
    void listAndStatusSpeakTableAndJson() throws Exception {
        String server = coordinator.uri().toString();
        coordinator.on("GET /api/v1/jobs?limit=200", 200, JSON, "{\"jobs\": [" + json("a-1") + "]}");
        coordinator.on("GET /api/v1/jobs/a-1", 200, JSON, json("a-1"));

        assertThat(run("list", "--server", server)).isZero();
        assertThat(run("status", "a-1", "--server", server)).isZero();
        assertThat(out.toString()).contains("JOB", "a-1", "running", "prepare", "magnitude");
        out.getBuffer().setLength(0);
        assertThat(run("list", "--server", server, "-o", "json")).isZero();
        assertThat(Json.events().readTree(out.toString()).get(0).get("id").textValue()).isEqualTo("a-1");
    }

    @Test
    void watchEndsAsTheJobDid() throws Exception {
        coordinator.on("GET /api/v1/jobs/a-1", 200, JSON, Json.events().writeValueAsString(Jobs.ended("a-1",
                State.FAILED)));
        coordinator.on("GET /api/v1/jobs/b-1", 200, JSON, Json.events().writeValueAsString(Jobs.ended("b-1",
                State.SUCCEEDED)));
        String server = coordinator.uri().toString();

        assertThat(run("watch", "a-1", "--server", server)).isEqualTo(1);
        assertThat(err.toString()).contains("failed in prepare: model.safetensors is cut short");
        assertThat(run("watch", "b-1", "--server", server)).isZero();
        assertThat(run("watch", "c-1", "--server", server)).isEqualTo(2);
        out.getBuffer().setLength(0);
        assertThat(run("watch", "b-1", "a-1", "--server", server)).as("one of them failed").isEqualTo(1);
        assertThat(out.toString().lines()).containsExactly("b-1: succeeded", "a-1: failed");
        out.getBuffer().setLength(0);
        assertThat(run("watch", "b-1", "--server", server, "-o", "json")).isZero();
        assertThat(Json.events().readTree(out.toString()).at("/0/state").asText()).isEqualTo("SUCCEEDED");
    }

    @Test
    void reportAndCompareTakeResultFoldersToo() throws Exception {
        for (String name : new String[]{"x", "y"}) {
            Path result = Files.createDirectory(folder.resolve(name));
            Files.writeString(result.resolve("report.json"), """
                    {"job": {"id": "%s-1", "name": "%s", "state": "SUCCEEDED"}, "request": {}, "stages": [],
                     "models": {"original": {"parameters": 10}, "pruned": {"parameters": 8}}}""".formatted(name, name));
        }
        String x = folder.resolve("x").toString();

        assertThat(run("report", x)).isZero();
        assertThat(run("compare", x, folder.resolve("y").toString())).isZero();
        assertThat(out.toString()).containsPattern("original +pruned").containsPattern("original +x +y");
        assertThat(run("compare", x)).isEqualTo(2);
    }

    private static String json(String id) throws Exception {
        return Json.events().writeValueAsString(Jobs.running(id));
    }

    private int run(String... args) {
        return Espalier.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
