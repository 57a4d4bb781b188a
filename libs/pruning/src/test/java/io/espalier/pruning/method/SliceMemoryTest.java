package io.espalier.pruning.method;

import static io.espalier.pruning.method.MethodFixtures.options;
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

class SliceMemoryTest {
    private static final long GIBIBYTE = 1L << 30;
    private static final int D = 1024;
    private static final int CHANNELS = 2816;
    private static final int VOCABULARY = 32_000;
    private static final String LLAMA = """
            {"model_type": "llama", "hidden_act": "silu", "hidden_size": %d, "intermediate_size": %d,
             "num_attention_heads": 16, "num_key_value_heads": 4, "num_hidden_layers": %d, "vocab_size": %d,
             "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "tie_word_embeddings": false,
             "torch_dtype": "bfloat16"}""";

    @TempDir
    private Path folder;
    private ModelConfig model;

    @BeforeEach
    void write() throws IOException {
        model = config(18);
    }

    @Test
    void withoutARepairItIsThePagesOfOneTensorAndNeverRefused() {
        for (String method : new String[]{"magnitude", "search", "numerical"}) {
            SliceMemory memory = memory(method, Map.of("reformation", "none", "compensation", "none"), 16, 512);
            MemoryPlan plan = memory.fit(1, 1);

            assertThat(memory.repairs()).isFalse();
            assertThat(plan.total() - plan.process()).isEqualTo(2L * VOCABULARY * D);
            assertThat(plan).isEqualTo(memory.streaming()).isEqualTo(memory.least());
        }
    }

    @Test
    void countsWhatARepairHoldsPieceByPiece() {
        MemoryPlan plan = memory("search", Map.of(), 16, 512).least();

        long kv = D / 4;
        long block = Float.BYTES * (2L * D * D + 2 * kv * D + 3L * CHANNELS * D + 2 * D);
        long attention = Float.BYTES * (2L * D * D + 2 * kv * D);
        long repaired = Float.BYTES * ((long) D * D + (long) D * CHANNELS);
        long most = 0;
        for (int kept = 1; kept < CHANNELS; kept++) {
            most = Math.max(most, Math.max(split(kept), solved(kept)));
        }
        assertThat(plan.blocks()).isBetween(block + attention + repaired + most,
                block + attention + repaired + (long) (1.01 * most));
        assertThat(plan.activations()).isEqualTo(GraphSize.ofBlock(model, model.layers().getFirst(), 512));
        assertThat(plan.boundaries()).isEqualTo(17L * 512 * D * Float.BYTES);
        assertThat(plan.head()).isZero();
    }

    /** While the Gram is there: the kept part of it, weights kept and pruned, what is lost, some rows, and the allocator's slack. */
    private static long split(long kept) {
        long n = CHANNELS;
        return Double.BYTES
                * (n * n + kept * kept + D * kept + D * (n - kept) + kept * D + 512 * (n + kept + n - kept + D)
                        + n * D);
    }

    /** Once it is gone: the factor in panels of 256 and one panel's making, and three times what is solved for. */
    private static long solved(long kept) {
        long factor = 0;
        for (long column = 0; column < kept; column++) {
            factor += kept - column / 256 * 256;
        }
        return Double.BYTES * (kept * kept + D * kept + D * (CHANNELS - kept) + kept * D + factor + 2 * 256 * kept
                + 3 * kept * D + (long) CHANNELS * D);
    }

    @Test
    void theIterationHoldsMoreAndHeadsPrunedInsideToo() {
        long exact = memory("search", Map.of(), 16, 64).least().blocks();

        assertThat(memory("numerical", Map.of(), 16, 64).least().blocks()).isEqualTo(exact);
        assertThat(memory("search", Map.of("reformation", "admm"), 16, 64).least().blocks()).isGreaterThan(exact);
        assertThat(memory("search", Map.of("attention", "head-dims"), 16, 64).least().blocks())
                .isEqualTo(exact + 3L * D * D * Float.BYTES);
    }

    @Test
    void doesNotGrowWithTheNumberOfLayers() throws IOException {
        MemoryPlan plan = memory("search", Map.of(), 16, 64).least();
        model = config(180);

        assertThat(memory("search", Map.of(), 16, 64).least()).isEqualTo(plan);
    }

    @Test
    void theNextBlockIsReadAheadWhereThereIsRoomForIt() {
        SliceMemory memory = memory("search", Map.of(), 16, 512);
        MemoryPlan streaming = memory.streaming();

        assertThat(memory.fit(streaming.total(), 1)).isEqualTo(streaming);
        assertThat(streaming.microBatch()).isEqualTo(2);
        assertThat(streaming.residentBytes()).isEqualTo(model.largestLayerParameters() * Float.BYTES);
        assertThat(memory.fit(streaming.total() - 1, 1).residentBytes()).isZero();
        assertThat(memory.fit(64 * GIBIBYTE, 2)).as("after a failure for want of memory").isEqualTo(memory.least());
    }

    @Test
    void lessMemoryHalvesTheMicroBatchAndTooLittleIsRefused() {
        SliceMemory memory = memory("search", Map.of(), 16, 64);
        MemoryPlan least = memory.least();

        assertThat(memory.fit(least.total(), 1)).isEqualTo(least);
        assertThat(memory.fit(64 * GIBIBYTE, 1).microBatch()).isEqualTo(16);
        long four = least.total() + 3 * (least.activations() + 64L * D * Float.BYTES);
        assertThat(memory.fit(four, 1).microBatch()).isEqualTo(4);
        assertThat(memory.fit(four - 1, 1).microBatch()).isEqualTo(2);
        assertThatThrownBy(() -> memory.fit(least.total() - 1, 1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll((least.total() >> 20) + " MiB", "ESPALIER_MEMORY_MEBIBYTES", "shorter samples",
                        "method.reformation: none");
        assertThatThrownBy(() -> memory("numerical", Map.of(), 16, 64).fit(GIBIBYTE / 4, 1))
                .hasMessageContaining("method.compensation: none");
    }

    private SliceMemory memory(String method, Map<String, Object> options, int samples, int length) {
        return new SliceMemory(Methods.named(method), options(method, options), model, samples, length);
    }

    private ModelConfig config(int layers) throws IOException {
        Files.writeString(folder.resolve("config.json"), LLAMA.formatted(D, CHANNELS, layers, VOCABULARY));
        return ModelConfig.read(folder);
    }
}
