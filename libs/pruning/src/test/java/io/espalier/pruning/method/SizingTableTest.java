package io.espalier.pruning.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.model.config.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of memory in docs/operations.md are what {@link MemoryPlan} and {@link SliceMemory} say. */
class SizingTableTest {
    private static final Path DOCS = Path.of("../../docs/operations.md");
    private static final String LLAMA = """
            {"model_type": "llama", "hidden_act": "silu", "hidden_size": %d, "intermediate_size": %d,
             "num_attention_heads": %d, "num_key_value_heads": %d, "num_hidden_layers": %d, "vocab_size": %d,
             "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "tie_word_embeddings": false,
             "torch_dtype": "bfloat16"}""";
    private static final Map<String, String> SHAPES = new LinkedHashMap<>();
    private static final List<String> SCORERS = List.of("llm-pruner param_first", "llm-pruner param_second",
            "llm-pruner param_mix", "magnitude l2", "nirvana", "llm-bip", "numerical", "search", "adapruner");

    static {
        SHAPES.put("TinyLlama 1.1 B", LLAMA.formatted(2048, 5632, 32, 4, 22, 32_000));
        SHAPES.put("LLaMA 7 B", LLAMA.formatted(4096, 11_008, 32, 32, 32, 32_000));
        SHAPES.put("Llama 3 8 B", LLAMA.formatted(4096, 14_336, 32, 8, 32, 128_256));
        SHAPES.put("LLaMA 13 B", LLAMA.formatted(5120, 13_824, 40, 40, 40, 32_000));
        SHAPES.put("Llama 3 70 B", LLAMA.formatted(8192, 28_672, 64, 8, 80, 128_256));
    }

    @TempDir
    private Path folder;

    @Test
    void whatModelsTake() throws IOException {
        List<String> table = new ArrayList<>();
        for (Map.Entry<String, String> shape : SHAPES.entrySet()) {
            ModelConfig config = config(shape.getValue());
            var need = MemoryPlan.Need.of(Methods.named("llm-pruner"), MethodFixtures.options("llm-pruner", Map.of()),
                    config, 10, 64);
            table.add("| %s | %s | %s | %s | %s | %s |".formatted(shape.getKey(), gib(config.bytes()), gib(config
                    .largestLayerParameters() * Float.BYTES), gib(MemoryPlan.streamed(need, 1).total()), gib(MemoryPlan
                            .streaming(need).total()),
                    gib(all(need))));
        }
        assertStands(table);
    }

    @Test
    void whatMethodsTake() throws IOException {
        ModelConfig config = config(SHAPES.get("LLaMA 7 B"));
        List<String> table = new ArrayList<>();
        for (String scorer : SCORERS) {
            String[] words = scorer.split(" ");
            PruningMethod method = Methods.named(words[0]);
            MethodOptions options = MethodFixtures.options(words[0], words.length == 1
                    ? Map.of()
                    : Map.of("criterion", words[1]));
            int samples = method.scoring(options).calibrated() ? 128 : 0;
            var need = MemoryPlan.Need.of(method, options, config, samples, 128);
            table.add("| `%s` | %d | %s | %s | %s | %s |".formatted(scorer, need.copies(), gib(need.work()),
                    gib(MemoryPlan.streamed(need, 1)
                            .total()),
                    gib(MemoryPlan.streaming(need).total()), gib(all(need))));
        }
        assertStands(table);
    }

    @Test
    void whatSlicingTakes() throws IOException {
        List<String> table = new ArrayList<>();
        for (Map.Entry<String, String> shape : SHAPES.entrySet()) {
            ModelConfig config = config(shape.getValue());
            SliceMemory exact = slicing(config, "exact");
            table.add("| %s | %s | %s | %s | %s |".formatted(shape.getKey(),
                    gib(slicing(config, "none").least().total()),
                    gib(exact.least().total()), gib(exact.streaming().total()), gib(slicing(config, "admm").least()
                            .total())));
        }
        assertStands(table);
    }

    private static SliceMemory slicing(ModelConfig config, String reformation) {
        return new SliceMemory(Methods.named("search"), MethodFixtures.options("search", Map.of("reformation",
                reformation)), config, 128, 128);
    }

    private static long all(MemoryPlan.Need need) {
        return MemoryPlan.fit(need, Long.MAX_VALUE, 1).total();
    }

    private static void assertStands(List<String> table) throws IOException {
        assertThat(Files.readString(DOCS)).contains(String.join("\n", table));
    }

    private ModelConfig config(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return ModelConfig.read(folder);
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / (double) (1L << 30));
    }
}
