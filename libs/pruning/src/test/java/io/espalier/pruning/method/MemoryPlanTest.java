package io.espalier.pruning.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.GraphSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPlanTest {
    private static final long GIBIBYTE = 1L << 30;
    private static final String LLAMA = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": %d,
             "intermediate_size": %d, "num_attention_heads": %d, "num_hidden_layers": %d, "num_key_value_heads": %d,
             "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "tie_word_embeddings": false,
             "torch_dtype": "bfloat16", "vocab_size": 32000}""";

    @TempDir
    private Path folder;
    private ModelConfig large;
    private ModelConfig medium;

    @BeforeEach
    void write() throws IOException {
        large = config(LLAMA.formatted(4096, 11008, 32, 32, 32)); // LLaMA-7B
        medium = config(LLAMA.formatted(1024, 2816, 16, 18, 16));
    }

    @Test
    void sevenBillionWeightsAreScoredInThreeGibibytes() {
        MemoryPlan plan = MemoryPlan.fit(new MemoryPlan.Need(large, 2, 0, 10, 64), 3 * GIBIBYTE, 1);

        assertThat(plan.resident()).isFalse();
        assertThat(plan.total()).isBetween(2 * GIBIBYTE, 3 * GIBIBYTE);
        assertThat(plan.residentBytes()).isZero();
    }

    /** Seen without them: 1,839 MiB taken of 1,606 planned, by 1.1 B parameters. */
    @Test
    void channelWiseTheWeightsAroundTheBlocksHaveGradientsToo() {
        PruningMethod method = Methods.named("llm-pruner");
        long blockWise = MemoryPlan.Need.of(method, MethodFixtures.options("llm-pruner", Map.of()), medium, 10, 64)
                .work();
        long channelWise = MemoryPlan.Need
                .of(method, MethodFixtures.options("llm-pruner", Map.of("mode", "channel-wise")), medium, 10, 64)
                .work();

        assertThat(blockWise).isZero();
        assertThat(channelWise).isEqualTo(2L * medium.vocabularySize() * medium.hiddenSize() * Float.BYTES);
    }

    @Test
    void aModelThatFitsStaysInMemory() {
        MemoryPlan plan = MemoryPlan.fit(new MemoryPlan.Need(medium, 2, 0, 10, 64), 6 * GIBIBYTE, 1);

        assertThat(plan.resident()).isTrue();
        assertThat(plan.microBatch()).isEqualTo(10);
        assertThat(plan.residentBytes()).isGreaterThan(medium.parameters() * Float.BYTES);
    }

    @Test
    void lessMemoryHalvesTheMicroBatchAndTooLittleIsRefused() {
        MemoryPlan.Need need = new MemoryPlan.Need(medium, 2, 0, 16, 512);
        MemoryPlan one = MemoryPlan.streamed(need, 1);
        assertThat(MemoryPlan.fit(need, MemoryPlan.streamed(need, 2).total(), 1).microBatch()).isEqualTo(2);
        assertThat(MemoryPlan.fit(need, one.total(), 1).microBatch()).isEqualTo(1);
        assertThatThrownBy(() -> MemoryPlan.fit(need, one.total() - 1, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ESPALIER_MEMORY_MEBIBYTES");
    }

    @Test
    void theNextBlockIsReadAheadWhereThereIsRoomForItAndCounted() {
        MemoryPlan.Need need = new MemoryPlan.Need(large, 2, 0, 10, 64);
        MemoryPlan without = MemoryPlan.streamed(need, 10);
        long block = large.largestLayerParameters() * Float.BYTES;

        MemoryPlan with = MemoryPlan.fit(need, without.total() + block, 1);
        assertThat(with.ahead()).isEqualTo(block);
        assertThat(with.total()).isEqualTo(without.total() + block);
        assertThat(with.residentBytes()).isEqualTo(block);
        assertThat(with.microBatch()).isEqualTo(10);

        assertThat(MemoryPlan.fit(need, without.total() + block - 1, 1)).isEqualTo(without);
        assertThat(MemoryPlan.fit(need, 64 * GIBIBYTE, 2).ahead()).as("after a failure for want of memory").isZero();
    }

    @Test
    void aFailureForWantOfMemoryLeadsToSmallerSteps() {
        MemoryPlan.Need need = new MemoryPlan.Need(medium, 2, 0, 16, 64);
        MemoryPlan plan = MemoryPlan.fit(need, 64 * GIBIBYTE, 4);
        assertThat(plan.resident()).isFalse();
        assertThat(plan.microBatch()).isEqualTo(4);
    }

    @Test
    void streamingDoesNotGrowWithTheNumberOfLayers() throws IOException {
        ModelConfig deep = config(LLAMA.formatted(1024, 2816, 16, 180, 16));
        assertThat(MemoryPlan.streamed(new MemoryPlan.Need(deep, 2, 0, 0, 1), 1).total())
                .isEqualTo(MemoryPlan.streamed(new MemoryPlan.Need(medium, 2, 0, 0, 1), 1).total());
    }

    @Test
    void aRangeHoldsItsWeightsTheirGradientsAndTheGraphsThatWait() {
        MemoryPlan.Need need = new MemoryPlan.Need(medium, 2, 0, 64, 64, 3);
        MemoryPlan range = MemoryPlan.range(need, 6, 12, 64 * GIBIBYTE).orElseThrow();
        long graph = GraphSize.ofRange(medium, 6, 12, 4 * 64);

        assertThat(range.microBatch()).as("sixteen of them").isEqualTo(4);
        assertThat(range.blocks()).isEqualTo(6 * 2 * medium.largestLayerParameters() * Float.BYTES);
        assertThat(range.activations()).as("twice as many as ranges").isEqualTo(6 * graph);
        assertThat(range.head()).isZero();
        assertThat(MemoryPlan.range(need, 12, 18, 64 * GIBIBYTE).orElseThrow().head()).isPositive();
        long least = range.total() - 5 * graph;
        assertThat(MemoryPlan.range(need, 6, 12, least).orElseThrow().activations()).isEqualTo(graph);
        assertThat(MemoryPlan.range(need, 6, 12, least - 1)).isEmpty();
    }

    /** Any number of ranges sums over the same micro-batches, and so does a range that works alone. */
    @Test
    void theNumberOfRangesDoesNotCountForMicroBatches() {
        for (int samples : new int[]{1, 10, 64, 1000}) {
            MemoryPlan.Need need = new MemoryPlan.Need(medium, 2, 0, samples, 64, 2);
            MemoryPlan.Need more = new MemoryPlan.Need(medium, 2, 0, samples, 64, 5);
            int microBatch = MemoryPlan.range(need, 0, 9, 64 * GIBIBYTE).orElseThrow().microBatch();
            assertThat(MemoryPlan.range(more, 0, 3, 64 * GIBIBYTE).orElseThrow().microBatch()).isEqualTo(microBatch)
                    .isEqualTo(Math.clamp(samples / 16, 1, 16));
            assertThat(MemoryPlan.fit(need, 64 * GIBIBYTE, 1).microBatch()).isEqualTo(microBatch);
        }
    }

    private ModelConfig config(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return ModelConfig.read(folder);
    }
}
