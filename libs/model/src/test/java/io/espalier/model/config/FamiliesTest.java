package io.espalier.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of families, and that whatever a config says is either understood or refused by name. */
class FamiliesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> WRONG = List.of("null", "-1", "0", "1", "3", "2147483647", "2147483648", "1e308",
            "-0.5", "0.3", "\"\"", "\"text\"", "true", "[]", "[1, 2]", "{}", "{\"rope_type\": 3}",
            "{\"type\": \"longrope\"}", "{\"rope_type\": \"llama3\", \"factor\": 0}",
            "{\"rope_type\": \"yarn\", \"factor\": -1}", "99999999999999999999999");

    @TempDir
    private Path folder;

    @Test
    void everyFamilyHasAGoldenModel() {
        List<String> covered = Golden.models().stream().map(name -> ModelConfig.read(Golden.model(name)).family())
                .map(Family::modelType).distinct().toList();

        assertThat(covered).containsExactlyInAnyOrderElementsOf(
                Families.all().stream().map(Family::modelType).toList());
    }

    @Test
    void modelTypesAreUnique() {
        assertThat(Families.all()).extracting(Family::modelType).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("io.espalier.model.Golden#models")
    void anyValueOfAnyKeyIsUnderstoodOrRefusedByName(String name) throws IOException {
        ObjectNode original = config(name);
        Family family = ModelConfig.read(Golden.model(name)).family();
        for (String key : keys(family, original)) {
            check(original.deepCopy().without(key), key, "nothing");
            for (String wrong : WRONG) {
                check(original.deepCopy().set(key, JSON.readTree(wrong)), key, wrong);
            }
        }
    }

    private void check(ObjectNode config, String key, String value) throws IOException {
        JSON.writeValue(folder.resolve("config.json").toFile(), config);
        Throwable thrown = catchThrowable(() -> ModelConfig.read(folder).parameters());
        if (thrown != null) {
            assertThat(thrown).as(key + ": " + value)
                    .isInstanceOfAny(InvalidCheckpointException.class, UnsupportedModelException.class)
                    .hasMessageStartingWith(folder.resolve("config.json").toString());
            assertThat(thrown.getMessage()).as(key + ": " + value).containsPattern("json: [a-z0-9_.]+ ")
                    .doesNotContain("Exception");
        }
    }

    private static List<String> keys(Family family, ObjectNode original) {
        List<String> keys = new ArrayList<>();
        original.fieldNames().forEachRemaining(keys::add);
        family.rules().forEach(rule -> keys.add(rule.key()));
        keys.addAll(List.of("rope_scaling", "rope_parameters", "partial_rotary_factor", "rope_theta", "layer_types",
                "sliding_window", "quantization_config", family.keys().kvHeads(), family.keys().headDim()));
        return keys.stream().distinct().toList();
    }

    @Test
    void whatIsOutsideTheTableIsRefusedWithItsReason() throws IOException {
        refused("chatglm", c -> c.remove("multi_query_attention"), "multi_query_attention is missing", "head by head");
        refused("chatglm", c -> c.put("position_encoding_2d", true), "position_encoding_2d is true", "ChatGLM2");
        refused("chatglm", c -> c.put("rmsnorm", false), "rmsnorm is false", "RMSNorm");
        refused("chatglm", c -> c.put("rope_ratio", 16), "rope_ratio is 16", "ChatGLM2-6B-32K");
        refused("baichuan", c -> c.remove("max_position_embeddings"), "max_position_embeddings is missing", "ALiBi");
        refused("baichuan", c -> c.put("z_loss_weight", 0), "z_loss_weight is 0", "Baichuan 2");
        refused("gemma", c -> c.put("use_bidirectional_attention", true), "use_bidirectional_attention is true");
        refused("llama3", c -> c.put("model_type", "gpt2"), "model_type 'gpt2'", "llama, mistral, qwen2", "chatglm");
        refused("llama3", c -> c.putObject("quantization_config").put("bits", 4), "quantization_config", "unquantized");
        refused("phi3", c -> c.putObject("rope_scaling").put("type", "linear"), "rope_scaling.type 'linear'",
                "longrope");
        refused("gemma2", c -> c.putArray("layer_types").add("chunked_attention").add("full_attention"),
                "chunked_attention", "sliding_attention");
    }

    private void refused(String name, Consumer<ObjectNode> change, String... parts) throws IOException {
        ObjectNode config = config(name);
        change.accept(config);
        JSON.writeValue(folder.resolve("config.json").toFile(), config);
        assertThatThrownBy(() -> ModelConfig.read(folder)).isInstanceOf(UnsupportedModelException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void gemma2AlternatesWindowsWhereNothingIsSaid() throws IOException {
        ObjectNode config = config("gemma2");
        config.remove("layer_types");
        JSON.writeValue(folder.resolve("config.json").toFile(), config);

        assertThat(ModelConfig.read(folder).attention().windows()).containsExactly(5, null);
    }

    @Test
    void qwenSlidesOnlyWhereItIsSwitchedOn() throws IOException {
        ObjectNode config = config("qwen2-yarn");
        config.remove("layer_types");
        JSON.writeValue(folder.resolve("config.json").toFile(), config);
        assertThat(ModelConfig.read(folder).attention().windows()).containsExactly(null, null, 5);

        JSON.writeValue(folder.resolve("config.json").toFile(), config.put("use_sliding_window", false));
        assertThat(ModelConfig.read(folder).attention().windows()).containsExactly(null, null, null);
    }

    @Test
    void longRopeHasOtherFactorsForLongSequences() {
        Rope rope = ModelConfig.read(Golden.model("phi3-longrope")).rope();

        assertThat(rope.frequencies(16)[1] / rope.frequencies(17)[1]).isEqualTo(5 / 1.25);
        assertThat(rope.scaling().amplitude()).isEqualTo(Math.sqrt(1 + Math.log(16) / Math.log(16)));
    }

    private static ObjectNode config(String name) throws IOException {
        JsonNode config = JSON.readTree(Golden.model(name).resolve("config.json").toFile());
        return (ObjectNode) config;
    }
}
