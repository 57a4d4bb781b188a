package io.espalier.model.weights;

import io.espalier.model.config.DType;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.SplittableRandom;

/**
 * Writes a checkpoint of any size with random weights, for measurements: uniform with standard deviation 0.02, norms 1,
 * biases 0. Equal seeds give equal files.
 */
public final class RandomCheckpoint {
    private static final double STANDARD_DEVIATION = 0.02;
    private static final int CHUNK_ELEMENTS = 1 << 20;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ModelConfig config;
    private final long seed;

    private RandomCheckpoint(ModelConfig config, long seed) {
        this.config = config;
        this.seed = seed;
    }

    /** Arguments: folder with config.json (and perhaps a tokenizer, which is copied), target folder, seed. */
    public static void main(String[] args) throws IOException {
        if (args.length != 3) {
            System.err.println("usage: RandomCheckpoint FOLDER_WITH_CONFIG TARGET_FOLDER SEED");
            System.exit(2);
        }
        write(Path.of(args[0]), Path.of(args[1]), Long.parseLong(args[2]));
    }

    /** All small files of {@code source} are copied, weights made up. */
    public static void write(Path source, Path target, long seed) throws IOException {
        Files.createDirectories(target);
        for (String name : new String[]{"config.json", "generation_config.json", "tokenizer.json",
            "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json"}) {
            if (Files.exists(source.resolve(name))) {
                Files.copy(source.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        new RandomCheckpoint(ModelConfig.read(target), seed).write(target);
    }

    private void write(Path target) {
        var headers = config.tensors().stream()
                .map(t -> new TensorHeader(t.name(), config.dtype(), config.shape(t))).toList();
        try (var writer = CheckpointWriter.create(target, headers, CheckpointWriter.DEFAULT_SHARD_BYTES)) {
            config.tensors().forEach(t -> write(writer, t));
            writer.commit();
        }
    }

    private void write(CheckpointWriter writer, TensorSpec tensor) {
        var random = new SplittableRandom(seed * 31 + tensor.name().hashCode());
        double width = tensor.columns() == null ? 0 : STANDARD_DEVIATION * Math.sqrt(3);
        double centre = tensor.name().endsWith("norm.weight") ? 1 : 0;
        long left = config.parameters(tensor);
        var bytes = new byte[CHUNK_ELEMENTS * config.dtype().bytes()];
        while (left > 0) {
            int n = (int) Math.min(CHUNK_ELEMENTS, left);
            MemorySegment chunk = MemorySegment.ofArray(bytes).asSlice(0, (long) n * config.dtype().bytes());
            for (int i = 0; i < n; i++) {
                put(chunk, i, (float) (centre + width * (2 * random.nextDouble() - 1)));
            }
            writer.append(tensor.name(), chunk);
            left -= n;
        }
    }

    private void put(MemorySegment chunk, int index, float value) {
        if (config.dtype() == DType.F32) {
            chunk.setAtIndex(FLOAT, index, value);
        } else {
            short bits = config.dtype() == DType.BF16
                    ? (short) (Float.floatToIntBits(value) >>> Short.SIZE)
                    : Float.floatToFloat16(value);
            chunk.setAtIndex(SHORT, index, bits);
        }
    }
}
