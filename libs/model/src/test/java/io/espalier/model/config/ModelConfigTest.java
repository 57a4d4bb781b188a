package io.espalier.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void readsAnExistingCheckpoint() {
        ModelConfig config = ModelConfig.read(Golden.STORIES);

        assertThat(config.layers()).hasSize(5).allMatch(l -> l.equals(new LayerShape(8, 4, 172)));
        assertThat(config.hiddenSize()).isEqualTo(64);
        assertThat(config.headDim()).isEqualTo(8);
        assertThat(config.tiedEmbeddings()).isTrue();
        assertThat(config.dtype()).isEqualTo(DType.F32);
        assertThat(config.parameters()).isEqualTo(260_032);
        assertThat(config.bosId()).isEqualTo(1);
        assertThat(config.eosIds()).containsExactly(2);
    }

    @Test
    void countsPublishedModelsFromShapesAlone() {
        assertThat(read(c -> llama(c, 4096, 32, 32, 11008, 32, 32000)).parameters()).isEqualTo(6_738_415_616L);
        assertThat(read(c -> llama(c, 4096, 32, 8, 14336, 32, 128256)).parameters()).isEqualTo(8_030_261_248L);
        assertThat(read(c -> llama(c, 2048, 32, 4, 5632, 22, 32000)).parameters()).isEqualTo(1_100_048_384L);
    }

    @Test
    void countsBiasesHeadNormsAndTiedEmbeddings() {
        ModelConfig qwen2 = read(c -> llama(c, 896, 14, 2, 4864, 24, 151936).put("model_type", "qwen2")
                .put("tie_word_embeddings", true));
        ModelConfig qwen3 = read(c -> llama(c, 1024, 16, 8, 3072, 28, 151936).put("model_type", "qwen3")
                .put("head_dim", 128).put("tie_word_embeddings", true));

        assertThat(qwen2.parameters()).isEqualTo(494_032_768L); // Qwen2.5-0.5B
        assertThat(qwen3.parameters()).isEqualTo(596_049_920L); // Qwen3-0.6B
    }

    @Test
    void oldAndNewRopeKeysMeanTheSame() {
        ModelConfig old = read(c -> {
            c.put("rope_theta", 500000.0);
            scaling(c.putObject("rope_scaling"));
        });
        ModelConfig current = read(c -> scaling(c.putObject("rope_parameters").put("rope_theta", 500000.0)));

        assertThat(old.rope()).isEqualTo(current.rope());
        assertThat(old.rope().theta()).isEqualTo(500000.0);
        assertThat(old.rope().scaling()).isEqualTo(new Rope.Llama3(8, 1, 4, 8192));
    }

    @Test
    void llama3ScalingKeepsShortWavesAndStretchesLongOnes() {
        var scaling = new Rope.Llama3(8, 1, 4, 8192);

        double[] scaled = scaling.apply(new double[]{1, 1e-5, 2 * Math.PI / 4000}, 500000, 0);

        assertThat(scaled[0]).isEqualTo(1);
        assertThat(scaled[1]).isCloseTo(1e-5 / 8, within(1e-12));
        assertThat(scaled[2]).isBetween(2 * Math.PI / 4000 / 8, 2 * Math.PI / 4000);
    }

    @Test
    void widthsComeFromTheManifest() throws IOException {
        read(c -> c.put("num_hidden_layers", 2));
        Files.writeString(folder.resolve(ModelConfig.MANIFEST), """
                {"layers": [{"layer": 0, "kvGroups": 1, "queryHeads": 2, "channels": 7},
                            {"layer": 2, "kvGroups": 4, "queryHeads": 8, "channels": 0}]}
                """);

        ModelConfig config = ModelConfig.read(folder);

        assertThat(config.layers()).containsExactly(new LayerShape(2, 1, 7), new LayerShape(8, 4, 0));
        assertThat(config.layerTensors(1)).extracting(TensorSpec::name).noneMatch(n -> n.contains("mlp"))
                .noneMatch(n -> n.contains("post_attention"));
        long embedding = 512L * 64;
        assertThat(config.parameters()).isEqualTo(embedding + 64 + (64 + 8 * 64 * 2 * (2 + 1) + 64 + 3 * 64 * 7)
                + (64 + 8 * 64 * 2 * (8 + 4)));
    }

    @Test
    void everyRefusalNamesKeyValueAndWhatWouldDo() {
        refused(c -> c.put("model_type", "mamba"), UnsupportedModelException.class, "model_type", "mamba", "llama");
        refused(c -> c.put("hidden_act", "relu"), UnsupportedModelException.class, "hidden_act", "relu", "silu");
        refused(c -> c.putObject("rope_scaling").put("rope_type", "dynamic"), UnsupportedModelException.class,
                "rope_scaling.rope_type", "dynamic", "llama3");
        refused(c -> c.putObject("quantization_config").put("bits", 4), UnsupportedModelException.class,
                "quantization_config", "F32, F16 or BF16");
        refused(c -> c.put("torch_dtype", "float8"), UnsupportedModelException.class, "torch_dtype", "float8",
                "bfloat16");
        refused(c -> c.remove("hidden_size"), InvalidCheckpointException.class, "hidden_size", "positive integer");
        refused(c -> c.put("num_key_value_heads", 3), InvalidCheckpointException.class, "num_key_value_heads", "3",
                "divisor");
        refused(c -> c.put("num_hidden_layers", -1), InvalidCheckpointException.class, "num_hidden_layers", "-1",
                "positive");
    }

    @Test
    void aMissingOrBrokenFileIsNamed() throws IOException {
        assertThatThrownBy(() -> ModelConfig.read(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("config.json").hasMessageContaining("no such file");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": ");
        assertThatThrownBy(() -> ModelConfig.read(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("not JSON");
    }

    @Test
    void axesSayWhatPruningMayCut() {
        ModelConfig config = ModelConfig.read(Golden.STORIES);
        TensorSpec o = config.layerRoles(0).get(Role.O);

        assertThat(o.columns()).isEqualTo(Axis.QUERY);
        assertThat(o.parts()).isEqualTo(List.of(new TensorSpec.Part(Role.O, 0, 64)));
        assertThat(config.shape(o)).containsExactly(64, 64);
        assertThat(config.shape(config.layerRoles(0).get(Role.DOWN))).containsExactly(64, 172);
    }

    private void refused(Consumer<ObjectNode> change, Class<? extends Exception> type, String... parts) {
        var thrown = assertThatThrownBy(() -> read(change)).isInstanceOf(type);
        for (String part : parts) {
            thrown.hasMessageContaining(part);
        }
    }

    private ModelConfig read(Consumer<ObjectNode> change) {
        try {
            ObjectNode config = (ObjectNode) JSON.readTree(Golden.STORIES.resolve("config.json").toFile());
            change.accept(config);
            JSON.writeValue(folder.resolve("config.json").toFile(), config);
            return ModelConfig.read(folder);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ObjectNode llama(ObjectNode config, int hidden, int heads, int kvHeads, int channels, int layers,
            int vocabulary) {
        config.remove("head_dim");
        return config.put("hidden_size", hidden).put("num_attention_heads", heads).put("num_key_value_heads", kvHeads)
                .put("intermediate_size", channels).put("num_hidden_layers", layers).put("vocab_size", vocabulary)
                .put("tie_word_embeddings", false);
    }

    private static void scaling(ObjectNode node) {
        node.put("rope_type", "llama3").put("factor", 8.0).put("low_freq_factor", 1.0).put("high_freq_factor", 4.0)
                .put("original_max_position_embeddings", 8192);
    }
}
