package io.espalier.pruning.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.Logits;
import io.espalier.pruning.RandomModels;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlicerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int[][] TOKENS = {{1, 17, 4, 33, 9, 21, 2}, {1, 5, 5, 40, 12, 8, 30}};

    @TempDir
    Path folder;

    /** Grouped-query and multi-head attention, tied and untied, with and without biases and head norms, all dtypes. */
    @ParameterizedTest
    @ValueSource(strings = {
        "llama, heads 6, kv 2, tied false, float32", "llama, heads 4, kv 4, tied true, bfloat16",
        "qwen2, heads 6, kv 3, tied true, float16", "qwen3, heads 4, kv 2, tied false, bfloat16",
        "mistral, heads 8, kv 2, tied false, float32"})
    void prunedLogitsAreMaskedLogits(String description) throws Exception {
        Path original = random(description);
        PruningPlan plan = randomPlan(ModelShape.of(ModelConfig.read(original)), 7);
        Path pruned = slice(original, plan);

        float[] expected = Logits.masked(original, TOKENS, plan);
        float[] actual = Logits.of(pruned, TOKENS);
        assertThat(actual).hasSameSizeAs(expected);
        double scale = IntStream.range(0, expected.length).mapToDouble(i -> Math.abs(expected[i])).max().orElseThrow();
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("logit %d", i).isCloseTo(expected[i], within(1e-5 * scale));
        }
        assertThat(ModelConfig.read(pruned).parameters()).isEqualTo(plan.achieved().parameters());
        assertThat(Logits.of(original, TOKENS)).isNotEqualTo(expected);
    }

    @Test
    void aDroppedLayerIsAnIdentity() throws Exception {
        Path original = random("llama, heads 6, kv 2, tied false, float32");
        ModelShape shape = ModelShape.of(ModelConfig.read(original));
        List<LayerPlan> layers = new Selection(shape).toPlan().layers();
        PruningPlan plan = PruningPlan.of(shape, List.of(layers.get(0), layers.get(2)), null);
        Path pruned = slice(original, plan);

        assertThat(ModelConfig.read(pruned).json().get("num_hidden_layers").intValue()).isEqualTo(2);
        assertThat(Logits.of(pruned, TOKENS)).containsExactly(Logits.masked(original, TOKENS, plan), within(1e-6f));
    }

    @Test
    void whatStaysIsTheSameBitForBit() throws Exception {
        Path original = random("llama, heads 4, kv 4, tied true, bfloat16");
        ModelShape shape = ModelShape.of(ModelConfig.read(original));
        PruningPlan plan = PruningPlan.of(shape, randomPlan(shape, 3).layers(), List.of(0, 3, 4, 9, 30, 31));
        Path pruned = slice(original, plan);
        try (Checkpoint before = Checkpoint.open(original); Checkpoint after = Checkpoint.open(pruned)) {
            List<TensorSpec> tensors = before.config().tensors();
            for (TensorSpec tensor : tensors) {
                check(before, after, plan, tensor);
            }
            assertThat(after.config().hiddenSize()).isEqualTo(6);
        }
    }

    /** Every kept element, found through the plan by hand. */
    private static void check(Checkpoint before, Checkpoint after, PruningPlan plan, TensorSpec tensor) {
        var kept = new KeptIndices(ModelShape.of(before.config()), plan);
        LayerPlan layer = tensor.layer() < 0 ? null : plan.layers().get(tensor.layer());
        int[] rows = kept.along(tensor.parts().getFirst().role().axes().getFirst(), layer);
        int[] columns = tensor.columns() == null ? new int[]{0} : kept.along(tensor.columns(), layer);
        TensorSpec now = after.config().tensors().stream().filter(t -> t.name().equals(tensor.name())).findFirst()
                .orElseThrow();
        MemorySegment from = before.segment(tensor);
        MemorySegment to = after.segment(now);
        long width = before.info(tensor).rowElements();
        for (int r = 0; r < rows.length; r++) {
            for (int c = 0; c < columns.length; c++) {
                assertThat(to.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * (r * columns.length + c)))
                        .isEqualTo(from.get(ValueLayout.JAVA_SHORT_UNALIGNED,
                                2L * (rows[r] * width + columns[c])));
            }
        }
    }

    @Test
    void equalWidthsMakeAnOrdinaryConfig() throws Exception {
        Selection selection = new Selection(ModelShape.of(ModelConfig.read(Fixtures.STORIES)));
        for (int layer = 0; layer < 5; layer++) {
            UnitInventory inventory = selection.inventory();
            inventory.units(UnitType.MLP, layer).subList(layer, layer + 44).forEach(selection::remove);
            inventory.units(UnitType.ATTENTION, layer).subList(layer % 4, layer % 4 + 1).forEach(selection::remove);
        }
        JsonNode config = JSON.readTree(slice(Fixtures.STORIES, selection.toPlan()).resolve("config.json").toFile());
        assertThat(config.get("num_attention_heads").intValue()).isEqualTo(6);
        assertThat(config.get("num_key_value_heads").intValue()).isEqualTo(3);
        assertThat(config.get("intermediate_size").intValue()).isEqualTo(128);
        assertThat(config.get("head_dim").intValue()).isEqualTo(8);
        // 64 is no multiple of 6 heads: transformers refuses that as llama
        assertThat(config.get("model_type").textValue()).isEqualTo("mistral");
        assertThat(config.get("sliding_window").isNull()).isTrue();
        assertThat(config.get("architectures").get(0).textValue()).isEqualTo("MistralForCausalLM");
    }

    @Test
    void unequalWidthsStandInTheManifest() throws Exception {
        ModelShape shape = ModelShape.of(ModelConfig.read(Fixtures.STORIES));
        PruningPlan plan = randomPlan(shape, 11);
        Path pruned = slice(Fixtures.STORIES, plan);
        JsonNode config = JSON.readTree(pruned.resolve("config.json").toFile());
        assertThat(config.get("num_attention_heads").intValue()).isEqualTo(8);
        assertThat(config.get("intermediate_size").intValue()).isEqualTo(172);
        JsonNode manifest = JSON.readTree(pruned.resolve(ModelConfig.MANIFEST).toFile());
        assertThat(JSON.treeToValue(manifest, PruningPlan.class)).isEqualTo(plan);
        assertThat(ModelConfig.read(pruned).layers())
                .isEqualTo(plan.layers().stream().map(LayerPlan::shape).toList());
        assertThat(pruned.resolve("tokenizer.json")).hasSameBinaryContentAs(Fixtures.STORIES.resolve("tokenizer.json"));
        assertThat(pruned.resolve("generation_config.json")).exists();
    }

    @Test
    void largeResultsAreSharded() throws Exception {
        PruningPlan plan = randomPlan(ModelShape.of(ModelConfig.read(Fixtures.STORIES)), 5);
        Path sharded = Files.createDirectory(folder.resolve("sharded"));
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.STORIES)) {
            new Slicer(checkpoint, plan).write(sharded, WeightUpdate.NONE, 200_000, Progress.NONE);
        }
        assertThat(sharded.resolve("model.safetensors.index.json")).exists();
        assertThat(Logits.of(sharded, TOKENS)).isEqualTo(Logits.of(slice(Fixtures.STORIES, plan), TOKENS));
    }

    @Test
    void refusesAPlanForAnotherModel() throws Exception {
        PruningPlan plan = randomPlan(ModelShape.of(ModelConfig.read(Fixtures.STORIES)), 5);
        try (Checkpoint small = Checkpoint.open(random("llama, heads 4, kv 4, tied true, bfloat16"))) {
            assertThatThrownBy(() -> new Slicer(small, plan)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the plan keeps");
        }
    }

    private Path slice(Path original, PruningPlan plan) throws Exception {
        Path target = Files.createTempDirectory(folder, "pruned");
        try (Checkpoint checkpoint = Checkpoint.open(original)) {
            new Slicer(checkpoint, plan).write(target, WeightUpdate.NONE, CheckpointWriter.DEFAULT_SHARD_BYTES,
                    Progress.NONE);
        }
        return target;
    }

    /** Every layer keeps at least one unit of each kind, and no two layers the same. */
    private static PruningPlan randomPlan(ModelShape shape, long seed) {
        Random random = new Random(seed);
        Selection selection = new Selection(shape);
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            for (UnitType type : List.of(UnitType.ATTENTION, UnitType.MLP)) {
                List<Unit> units = new ArrayList<>(selection.inventory().units(type, layer));
                units.remove(random.nextInt(units.size()));
                units.stream().filter(_ -> random.nextDouble() < 0.4).forEach(selection::remove);
            }
        }
        return selection.toPlan();
    }

    private Path random(String description) throws IOException {
        return RandomModels.write(Files.createTempDirectory(folder, "original"), description);
    }
}
