package io.espalier.evaluation.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.evaluation.Stories;
import io.espalier.model.config.ModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MacsTest {
    private static final String LLAMA_7B = """
            {"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
             "num_attention_heads": 32, "vocab_size": 32000, "rms_norm_eps": 1e-6, "max_position_embeddings": 2048,
             "hidden_act": "silu", "tie_word_embeddings": false, "torch_dtype": "float16"}""";

    @TempDir
    private Path folder;

    @Test
    void countsLlama7BAsPublished() throws Exception {
        Files.writeString(folder.resolve("config.json"), LLAMA_7B);
        Macs macs = Macs.of(ModelConfig.read(folder), 64);

        // 64 * (6,738,415,616 parameters - 131,072,000 of the embedding - 65 norms of 4,096)
        assertThat(macs.linear()).isEqualTo(422_852_952_064L);
        assertThat(macs.attention()).isEqualTo(32L * 32 * (2 * 64 * 64 * 128 + 64 * 64));
        assertThat(macs.rotary()).isEqualTo(32L * 4 * 64 * 4096);
        assertThat(macs.norm()).isEqualTo(65L * 2 * 64 * 4096);
        assertThat(macs.activation()).isEqualTo(32L * 64 * 11008);
        assertThat(macs.total() / 10_000_000).isEqualTo(42_402); // 424.02 G, LLM-Pruner, Table 1
    }

    @Test
    void countsATiedHeadAndSharedKeys() {
        Macs macs = Macs.of(ModelConfig.read(Stories.FOLDER), 1);

        // q, o: 64x64; k, v: 32x64; gate, up, down: 172x64; lm_head: 512x64
        assertThat(macs.linear()).isEqualTo(5 * (2 * 64 * 64 + 2 * 32 * 64 + 3 * 172 * 64) + 512 * 64);
        assertThat(macs.rotary()).isEqualTo(5 * 2 * (8 + 4) * 8);
    }
}
