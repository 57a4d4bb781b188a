package io.espalier.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.topic.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckMainTest {
    private static final Path SHAPES = Path.of("src/test/resources/shapes").toAbsolutePath();

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** LLM-Pruner's operating points follow from shapes alone. */
    @ParameterizedTest
    @CsvSource({"llama-7b, '6,738,415,616', '5,422,977,024 parameters (80.48 %)'",
        "llama-3-8b, '8,030,261,248', '6,612,586,496 parameters (82.35 %)'"})
    void predictsThePapersSizesFromShapes(String model, String before, String after) throws IOException {
        int status = check("""
                model: %s
                method: { name: llm-pruner }
                target: { groups: 0.25 }
                layers: { attention: 4..29, mlp: 4..29 }
                calibration: { text: TEXT }
                """.formatted(SHAPES.resolve(model)));
        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();
        assertThat(out.toString()).contains(before, after, "no weights there", "scoring about");
    }

    @Test
    void checksAFolderAlone() throws IOException {
        assertThat(run(Requests.STORIES.toString())).isZero();
        assertThat(out.toString()).contains("llama: 5 layers", "260,032", "8 query and 4 key-value heads");
    }

    @Test
    void tellsWhoDecidesAboutBos() throws IOException {
        assertThat(run(Requests.STORIES.toString())).isZero();
        assertThat(out.toString()).contains("tokenizer    BOS in front of every text");
    }

    /** PREPARE needs it, whatever the method: said before anything is queued. */
    @Test
    void refusesACheckpointWithoutTokenizer() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Requests.STORIES.resolve(file), model.resolve(file));
        }
        assertThat(check("""
                model: %s
                method: { name: magnitude }
                target: { parameters: 0.8 }
                """.formatted(model))).isEqualTo(2);
        assertThat(err.toString()).contains(model.toString(), "tokenizer").hasLineCount(1);
    }

    @Test
    void saysOfEachFormatOnALineOfItsOwnWhatItNeeds() throws IOException {
        assertThat(check("""
                model: STORIES
                method: { name: magnitude }
                target: { parameters: 0.7 }
                output: { location: out, formats: [padded, hf, gguf-q8_0] }
                """)).isZero();
        assertThat(out.toString()).containsPattern("(?m)^method       magnitude: .*ranking local")
                .containsPattern("(?m)^formats      padded: zeros fill")
                .containsPattern("(?m)^ {13}hf: if layers differ")
                .containsPattern("(?m)^ {13}gguf-q8_0: down_proj").doesNotContain(" 0.0 MiB");
    }

    @Test
    void checksARequestWithWeightsAndText() throws IOException {
        int status = check("""
                model: STORIES
                method: { name: llm-pruner, criterion: param_second }
                target: { bytes: 832KB }
                calibration: { text: TEXT, samples: 10, length: 64 }
                """);
        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();
        assertThat(out.toString()).contains("10 of 64 tokens", "4 tasks", "pruned       207,");
    }

    @Test
    void saysWhatSlicingTakesBesideScoring() throws IOException {
        String request = """
                model: STORIES
                method: { name: search, reformation: %s }
                target: { parameters: 0.8 }
                calibration: { text: TEXT, samples: 10, length: 64 }
                """;
        assertThat(check(request.formatted("exact"))).isZero();
        assertThat(check(request.formatted("none"))).isZero();
        assertThat(out.toString())
                .containsPattern("(?m)^memory +scoring about 4\\d\\d\\.\\d MiB, .*\\R"
                        + " {13}slicing about 4\\d\\d\\.\\d MiB, repairing weights block by block: process 448.0 MiB, "
                        + "weights and repair \\d\\.\\d MiB, next block .*activations .*between blocks ")
                .containsPattern(
                        "(?m)^ {13}slicing about 448\\.\\d MiB, tensor by tensor: process 448.0 MiB, weights ");
    }

    /** The head of a small model is a layer and a half of a range's work; a range of the 7B shape is gigabytes. */
    @Test
    void saysHowLayersAreCutAndWhatARangeTakes() throws IOException {
        int status = check("""
                model: %s
                method: { name: llm-pruner, layerRanges: 4 }
                target: { groups: 0.25 }
                calibration: { text: TEXT }
                """.formatted(SHAPES.resolve("llama-7b")));
        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();
        assertThat(out.toString()).contains("4 tasks", "layers 0..7, 8..15, 16..23, 24..31", "4 scoring workers")
                .containsPattern("memory +a range (at most 1\\d\\.\\d\\d GiB; alone,|does not fit)");
    }

    @Test
    void saysWhatOfATimeCannotBeKnownYet() throws IOException {
        int status = check("""
                model: STORIES
                method: { name: magnitude }
                target: { latency: { decode: 0.75 } }
                """);
        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();
        assertThat(out.toString()).contains("target       decode within 75.00 % of the original's time",
                "variants are timed first").doesNotContain("pruned  ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "layers: { attention: 0..7 } | layers.attention: 0..7 is not inside this model, which has layers 0..4",
        "shape: { uniform: true }\\nlayers: { mlp: 1..3 } | shape.uniform: true needs",
        "calibration: { text: TEXT, length: 513 } | calibration.length: 513 is more than the 512 positions",
        "calibration: { text: TEXT, samples: 9999 } | calibration.text holds only",
        "calibration: { text: /nowhere.txt } | calibration.text: there is no /nowhere.txt",
        "target: { parameters: 0.01 } | parameters cannot be reached",
        "target: { count: 9M } | 9000000 parameters are more than the 260032",
        "model: /nowhere | /nowhere/config.json: no such file",
        "method: { name: llm-pruner, layerRanges: 6 } | method.layerRanges: 6, but the model has 5 layers",
        "method: { name: llm-pruner, mode: channel-wise, criterion: param_mix } | method.criterion: param_mix"})
    void refusesWithOneClearSentence(String change, String message) throws IOException {
        String request = """
                model: STORIES
                method: { name: llm-pruner }
                target: { parameters: 0.8 }
                calibration: { text: TEXT }
                """;
        for (String line : change.split("\\\\n")) {
            String key = line.substring(0, line.indexOf(':'));
            request = request.replaceAll("(?m)^" + key + ":.*\n", "") + line + "\n";
        }
        assertThat(check(request)).isEqualTo(2);
        assertThat(err.toString()).startsWith("espalier check: ").contains(message).hasLineCount(1);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void refusesAnUnknownFamily() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"mamba\"}");
        assertThat(run(model.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("model_type 'mamba' is not supported; supported are llama");
    }

    @Test
    void speaksJson() throws IOException {
        assertThat(run(SHAPES.resolve("llama-7b").toString(), "json")).isZero();
        assertThat(Json.events().readTree(out.toString()).path("parameters").asText()).startsWith("6,738,415,616");
        assertThat(Json.events().readTree(out.toString()).path("layers").isTextual()).isTrue();
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"mamba\"}");
        assertThat(run(model.toString(), "json")).isEqualTo(2);
        assertThat(Json.events().readTree(err.toString()).path("error").asText()).contains("model_type 'mamba'");
    }

    private int check(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("request.yaml"), Requests.text(yaml));
        return run(file.toString());
    }

    private int run(String... arguments) throws IOException {
        return CheckMain.run(arguments, new PrintStream(out), new PrintStream(err));
    }
}
