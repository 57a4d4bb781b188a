package io.espalier.pruning;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.model.weights.RandomCheckpoint;
import io.espalier.model.weights.TensorHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/** Small random checkpoints: three layers, hidden size 32, heads of 8, 44 channels, vocabulary 48. */
public final class RandomModels {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RandomModels() {}

    /**
     * @param target      an empty folder
     * @param description {@code family, heads N, kv N, tied B, dtype}
     */
    public static Path write(Path target, String description) throws IOException {
        String[] words = description.split("[, ]+");
        Path source = Files.createTempDirectory(target.getParent(), "config");
        JSON.writeValue(source.resolve("config.json").toFile(), JSON.createObjectNode().put("model_type", words[0])
                .put("hidden_size", 32).put("num_attention_heads", Integer.parseInt(words[2]))
                .put("num_key_value_heads", Integer.parseInt(words[4])).put("head_dim", 8)
                .put("intermediate_size", 44).put("num_hidden_layers", 3).put("vocab_size", 48)
                .put("rms_norm_eps", 1e-5).put("hidden_act", "silu").put("max_position_embeddings", 64)
                .put("tie_word_embeddings", Boolean.parseBoolean(words[6])).put("torch_dtype", words[7]));
        RandomCheckpoint.write(source, target, 1);
        return target;
    }

    /** A copy of an F32 checkpoint whose weights a test has changed: each matrix row by row. */
    public static Path changed(Path source, Path target, BiConsumer<TensorSpec, float[][]> change)
            throws IOException {
        Files.copy(source.resolve("config.json"), target.resolve("config.json"));
        try (Checkpoint checkpoint = Checkpoint.open(source)) {
            ModelConfig config = checkpoint.config();
            List<TensorHeader> headers = config.tensors().stream()
                    .map(t -> new TensorHeader(t.name(), config.dtype(), config.shape(t))).toList();
            try (CheckpointWriter writer = CheckpointWriter.create(target, headers,
                    CheckpointWriter.DEFAULT_SHARD_BYTES)) {
                for (TensorSpec tensor : config.tensors()) {
                    float[][] rows = rows(checkpoint, tensor);
                    change.accept(tensor, rows);
                    for (float[] row : rows) {
                        writer.append(tensor.name(), MemorySegment.ofArray(row));
                    }
                }
                writer.commit();
            }
        }
        return target;
    }

    private static float[][] rows(Checkpoint checkpoint, TensorSpec tensor) {
        float[][] rows = new float[(int) tensor.rows()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = checkpoint.rows(tensor, i, 1).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        }
        return rows;
    }
}
