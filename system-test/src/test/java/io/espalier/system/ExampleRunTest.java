package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.weights.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The main command of README.md, run as it stands there, and everything its user may rely on afterwards. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExampleRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** tools/golden/example_perplexity.py: transformers on the same file, protocol and model. */
    private static final double TORCH_PERPLEXITY = 4.333682;

    @TempDir
    static Path folder;
    private Path out;
    private Launcher.Outcome outcome;
    private JsonNode report;

    @BeforeAll
    void run() throws Exception {
        out = folder.resolve("result with blanks");
        outcome = Launcher.run(Repository.ROOT, "prune", "examples/stories.yaml", "--out", out.toString(), "-o",
                "json");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        report = JSON.readTree(out.resolve("report.json").toFile());
    }

    @Test
    void standardOutputIsTheReportAndNothingElse() throws Exception {
        JsonNode printed = JSON.readTree(outcome.out());
        assertThat(printed.at("/job/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(printed.at("/models")).isEqualTo(report.at("/models"));
    }

    @Test
    void everyStageSucceeded() {
        assertThat(report.at("/job/state").asText()).isEqualTo("SUCCEEDED");
        List<String> stages = StreamSupport.stream(report.path("stages").spliterator(), false)
                .map(s -> s.path("stage").asText()).toList();
        assertThat(stages).containsSubsequence("SCORE", "RANK", "SLICE", "RECOVER", "EVALUATE");
        report.path("stages").forEach(stage -> assertThat(stage.path("attempts").asInt())
                .as(stage.toString()).isGreaterThanOrEqualTo(stage.path("tasks").asInt()).isPositive());
    }

    @Test
    void originalPerplexityIsTorchs() {
        assertThat(perplexity("original")).isCloseTo(TORCH_PERPLEXITY, within(0.005 * TORCH_PERPLEXITY));
    }

    /** Counted here from the plan by the unit costs of the methods' specification, not by the project's own code. */
    @Test
    void parametersFollowFromUnitCosts() {
        long hidden = 64;
        long headDim = 8;
        long parameters = 512 * hidden + hidden; // tied embedding, final norm
        for (JsonNode layer : report.at("/plan/layers")) {
            long query = layer.path("queryHeads").asLong() * headDim;
            long keyValue = layer.path("kvGroups").asLong() * headDim;
            parameters += 2 * hidden * query + 2 * hidden * keyValue + 3 * hidden * layer.path("channels").asLong()
                    + 2 * hidden;
            assertThat(layer.path("keptChannels")).hasSize(layer.path("channels").asInt());
            assertThat(layer.path("keptKvGroups")).hasSize(layer.path("kvGroups").asInt());
        }
        assertThat(report.at("/models/original/parameters").asLong()).isEqualTo(260_032);
        assertThat(report.at("/models/pruned/parameters").asLong()).isEqualTo(parameters);
        assertThat(report.at("/plan/achieved/parameters").asLong()).isEqualTo(parameters);
        assertThat(parameters / 260_032.0).isCloseTo(0.8, within(0.005));
    }

    @Test
    void recoveryMakesItBetter() {
        assertThat(perplexity("recovered")).isLessThan(perplexity("pruned"));
        assertThat(perplexity("pruned")).isGreaterThan(perplexity("original"));
    }

    @Test
    void theResultIsACheckpointThatLoads() throws Exception {
        Path model = out.resolve("model");
        assertThat(model).isDirectoryContaining("glob:**README.md").isDirectoryContaining("glob:**tokenizer.json")
                .isDirectoryContaining("glob:**generation_config.json");
        assertThat(ModelConfig.read(model).parameters()).isEqualTo(report.at("/models/pruned/parameters").asLong());
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            checkpoint.config().tensors().forEach(checkpoint::checkFinite);
        }
        for (String line : Files.readAllLines(model.resolve("SHA256SUMS"))) {
            String[] parts = line.split("  ", 2);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(model.resolve(parts[1])));
            assertThat(HexFormat.of().formatHex(digest)).as(parts[1]).isEqualTo(parts[0]);
        }
        assertThat(out.resolve("report.html")).content().contains("<svg").contains("Before and after");
        assertThat(out.resolve("results_lm_eval.json")).exists();
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        assertThat(outcome.processes()).as("processes it started").hasSizeGreaterThan(4)
                .noneMatch(ProcessHandle::isAlive);
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactly(out);
        }
    }

    private double perplexity(String model) {
        double value = report.at("/models/" + model + "/perplexity/tinystories@128").asDouble();
        assertThat(value).as(model).isPositive();
        return value;
    }
}
