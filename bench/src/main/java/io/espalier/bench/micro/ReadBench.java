package io.espalier.bench.micro;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.RandomCheckpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From the memory map of a safetensors file to fp32 tensors; the file's pages are in memory. */
@State(Scope.Thread)
public class ReadBench {
    private static final int VOCABULARY = 16_384;
    private static final int HIDDEN = 512;
    /** Weights in the tensor that is read. */
    static final long WEIGHTS = (long) VOCABULARY * HIDDEN;

    private Path folder;
    private Checkpoint narrow;
    private Checkpoint full;
    private NDManager manager;
    private Arena arena;
    private MemorySegment copy;

    @Setup
    public void open() throws IOException {
        folder = Files.createTempDirectory("espalier-bench-read-");
        narrow = checkpoint("bfloat16");
        full = checkpoint("float32");
        manager = Torch.newManager(Device.cpu());
        arena = Arena.ofConfined();
        copy = arena.allocate(WEIGHTS * Float.BYTES);
    }

    private Checkpoint checkpoint(String type) throws IOException {
        Path source = Files.createDirectories(folder.resolve(type + "-source"));
        Files.writeString(source.resolve("config.json"), """
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
                 "hidden_size": %d, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4,
                 "num_key_value_heads": 4, "vocab_size": %d, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
                 "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2,
                 "torch_dtype": "%s"}""".formatted(HIDDEN, VOCABULARY, type));
        Path target = folder.resolve(type);
        RandomCheckpoint.write(source, target, 1);
        return Checkpoint.open(target);
    }

    @TearDown
    public void close() throws IOException {
        arena.close();
        manager.close();
        narrow.close();
        full.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** bf16 in the file, fp32 in memory. */
    @Benchmark
    public void widen() {
        load(narrow).close();
    }

    /** fp32 in the file, which is the tensor; every weight is looked at once. */
    @Benchmark
    public float map() {
        try (NDArray weights = load(full); NDArray sum = weights.sum()) {
            return sum.getFloat();
        }
    }

    /** The limit: as many bytes copied from the map to memory. */
    @Benchmark
    public void copy() {
        copy.copyFrom(full.segment(embedding(full)));
    }

    private NDArray load(Checkpoint checkpoint) {
        return checkpoint.load(manager, embedding(checkpoint), Role.EMBEDDING);
    }

    private static TensorSpec embedding(Checkpoint checkpoint) {
        return checkpoint.config().tensors().getFirst();
    }
}
