package io.espalier.model.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.Golden;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family in every format: what a format admits it writes and reads back with the same logits, the rest it refuses by
 * name before anything is written. Weights are the golden ones: biases, head norms and norms behind are not zero or one.
 */
class FamilyExportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ALL = Set.copyOf(ExportFormats.names());
    private static final Set<String> ALWAYS = Set.of("hf", "padded");
    /** What else holds a family; docs/serving.md says the same. */
    private static final Map<String, Set<String>> ADMITTED = Map.of("stories", ALL, "llama3", ALL, "mistral", ALL,
            "llama-tied", Set.of("hf-per-layer", "gguf", "gguf-f32", "gguf-f16", "gguf-bf16", "gguf-q8_0"),
            "mistral-window", Set.of("hf-per-layer"),
            "qwen2", Set.of("hf-per-layer", "gguf", "gguf-f32", "gguf-f16", "gguf-bf16", "gguf-q8_0"),
            "qwen3", Set.of("hf-per-layer", "gguf", "gguf-f32", "gguf-f16", "gguf-bf16", "gguf-q8_0"),
            "qwen2-yarn", Set.of("hf-per-layer"));

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("io.espalier.model.Golden#models")
    void isWrittenAndReadBackOrRefusedBefore(String family) throws Exception {
        Path source = withTokenizer(Golden.model(family));
        ModelConfig config = ModelConfig.read(source);
        List<String> admitted = new ArrayList<>();
        for (String name : ExportFormats.names()) {
            if (ALWAYS.contains(name) || ADMITTED.getOrDefault(family, Set.of()).contains(name)) {
                ExportFormats.check(List.of(name), config, source);
                LoadCheck check = export(ExportFormats.of(name), source, Files.createDirectory(folder.resolve(name)));
                assertThat(check.relativeError()).as("%s as %s", family, name).isLessThan(ExportFormats.of(name)
                        .tolerance(config));
                admitted.add(name);
            } else {
                assertThatThrownBy(() -> ExportFormats.check(List.of(name), config, source)).as("%s as %s", family,
                        name).isInstanceOf(UnsupportedModelException.class).hasMessageStartingWith("output.formats: "
                                + name);
            }
        }
        assertThat(admitted).containsAll(ALWAYS);
    }

    private static LoadCheck export(ExportFormat format, Path source, Path target) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(source)) {
            format.write(checkpoint, target);
        }
        try (Model original = Model.streamed(source, Device.cpu());
                Model written = format.open(target, ModelConfig.read(source), Device.cpu())) {
            int[] tokens = {1, 40, 33, 7, 61, 12, 12, 50, 3};
            return LoadCheck.of(LoadCheck.logits(original, tokens), LoadCheck.logits(written, tokens));
        }
    }

    /** The example's tokenizer, cut to the vocabulary of a golden model. */
    private Path withTokenizer(Path golden) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("source"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(golden.resolve(name), copy.resolve(name));
        }
        int size = ModelConfig.read(copy).vocabularySize();
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(Golden.STORIES.resolve("tokenizer.json").toFile());
        ObjectNode model = (ObjectNode) tokenizer.get("model");
        ObjectNode vocabulary = JSON.createObjectNode();
        model.get("vocab").properties().stream().filter(token -> token.getValue().asInt() < size).forEach(
                token -> vocabulary.set(token.getKey(), token.getValue()));
        if (size < model.get("vocab").size()) {
            model.putArray("merges");
        }
        model.set("vocab", vocabulary);
        JSON.writeValue(copy.resolve("tokenizer.json").toFile(), tokenizer);
        Files.copy(Golden.STORIES.resolve("tokenizer_config.json"), copy.resolve("tokenizer_config.json"));
        return copy;
    }
}
