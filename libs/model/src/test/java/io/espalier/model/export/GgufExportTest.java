package io.espalier.model.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.weights.Checkpoint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufExportTest {
    private static final Path STORIES = Path.of("../../examples/models/stories");

    @TempDir
    Path folder;

    @Test
    void metadataDescribesTheModelAndItsTokenizer() throws Exception {
        GgufReader file = export(new GgufExport(null), "model.gguf");
        assertThat(file.metadata()).containsEntry("general.architecture", "llama").containsEntry("llama.block_count", 5)
                .containsEntry("llama.attention.head_count", 8).containsEntry("llama.attention.head_count_kv", 4)
                .containsEntry("llama.feed_forward_length", 172).containsEntry("llama.rope.dimension_count", 8)
                .containsEntry("tokenizer.ggml.model", "llama").containsEntry("tokenizer.ggml.bos_token_id", 1)
                .containsEntry("tokenizer.ggml.add_bos_token", true);
        List<?> tokens = (List<?>) file.metadata().get("tokenizer.ggml.tokens");
        assertThat(tokens.size()).isEqualTo(512);
        assertThat(tokens.get(1)).isEqualTo("<s>");
        // A tied head is not stored twice: llama.cpp takes the embedding.
        assertThat(file.tensors()).doesNotContainKey("output.weight").hasSize(2 + 5 * 9);
    }

    /** Sentencepiece joins the pair with the highest score first: the earliest merge. */
    @Test
    void scoresFollowTheOrderOfTheMerges() throws Exception {
        GgufReader file = export(new GgufExport(null), "model.gguf");
        List<?> tokens = (List<?>) file.metadata().get("tokenizer.ggml.tokens");
        List<?> scores = (List<?>) file.metadata().get("tokenizer.ggml.scores");
        assertThat(scores.get(tokens.indexOf("\u2581t"))).isEqualTo(0f);
        assertThat(scores.get(tokens.indexOf("he"))).isEqualTo(-1f);
        assertThat((Float) scores.get(tokens.indexOf("<0x41>"))).isLessThan(-100f);
    }

    @Test
    void queryRowsAreReorderedToNeighboursAndValuesAreNot() throws Exception {
        GgufReader file = export(new GgufExport(null), "model.gguf");
        try (Checkpoint checkpoint = Checkpoint.open(STORIES)) {
            int headDim = checkpoint.config().headDim();
            MemorySegment q = checkpoint.segment(tensor(checkpoint, Role.Q));
            long rowBytes = 64 * Float.BYTES;
            for (int row = 0; row < 8 * headDim; row++) {
                int head = row / headDim;
                int pair = row % headDim / 2;
                int half = row % 2;
                long source = head * headDim + half * headDim / 2 + pair;
                assertThat(file.tensor("blk.0.attn_q.weight").data().asSlice(row * rowBytes, rowBytes)
                        .mismatch(q.asSlice(source * rowBytes, rowBytes))).as("row %d", row).isEqualTo(-1);
            }
            assertThat(
                    file.tensor("blk.0.attn_v.weight").data().mismatch(checkpoint.segment(tensor(checkpoint, Role.V))))
                    .isEqualTo(-1);
        }
    }

    @Test
    void quantisedWeightsAreWithinHalfAStep() throws Exception {
        GgufReader file = export(new GgufExport(GgufWriter.Type.Q8_0), "model-q8_0.gguf");
        try (Checkpoint checkpoint = Checkpoint.open(STORIES)) {
            MemorySegment exact = checkpoint.segment(tensor(checkpoint, Role.V));
            MemorySegment coded = file.tensor("blk.0.attn_v.weight").data();
            for (int block = 0; block < exact.byteSize() / Float.BYTES / 32; block++) {
                float scale = Float.float16ToFloat(coded.get(ValueLayout.JAVA_SHORT_UNALIGNED, block * 34L));
                for (int i = 0; i < 32; i++) {
                    float value = exact.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (block * 32L + i) * Float.BYTES);
                    byte code = coded.get(ValueLayout.JAVA_BYTE, block * 34L + 2 + i);
                    assertThat(Math.abs(value - scale * code)).isLessThanOrEqualTo(scale * 0.57f);
                }
            }
            // Rows of 172 are no multiple of 32.
            assertThat(file.tensors().get("blk.0.ffn_down.weight").type()).isEqualTo(GgufWriter.Type.F32);
        }
    }

    private GgufReader export(GgufExport format, String name) throws Exception {
        try (Checkpoint checkpoint = Checkpoint.open(STORIES)) {
            format.write(checkpoint, folder);
        }
        return GgufReader.open(folder.resolve(name));
    }

    private static TensorSpec tensor(Checkpoint checkpoint, Role role) {
        return checkpoint.config().layerRoles(0).get(role);
    }
}
