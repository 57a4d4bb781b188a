package io.espalier.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.Golden;
import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Torch;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    /** Every 16-bit number, again and again: more than one thread takes at a time. */
    private static final int MANY = (3 << 18) + 17;

    @TempDir
    private Path folder;

    @Test
    void shardsHoldTheSameAsOneFile() throws IOException {
        rewrite(h -> h, 100_000);

        try (Checkpoint single = Checkpoint.open(Golden.STORIES); Checkpoint sharded = Checkpoint.open(folder)) {
            assertThat(folder.resolve("model.safetensors")).doesNotExist();
            assertThat(folder.resolve("model.safetensors.index.json")).exists();
            assertThat(sharded.bytes()).isEqualTo(single.bytes());
            for (TensorSpec tensor : single.config().tensors()) {
                assertThat(sharded.segment(tensor).mismatch(single.segment(tensor))).as(tensor.name()).isEqualTo(-1);
            }
        }
    }

    @Test
    void aTiedMatrixMayBeStoredAsHead() throws IOException {
        rewrite(h -> h.name().equals("model.embed_tokens.weight")
                ? new TensorHeader("lm_head.weight", h.dtype(), h.shape())
                : h, Long.MAX_VALUE);

        try (Checkpoint checkpoint = Checkpoint.open(folder); NDManager manager = Torch.newManager(Device.cpu())) {
            TensorSpec embedding = checkpoint.config().tensors().getFirst();
            assertThat(checkpoint.load(manager, embedding, 0, 1).size()).isEqualTo(64);
        }
    }

    @Test
    void missingTensorsAndWrongShapesAreNamed() throws IOException {
        rewrite(h -> h.name().contains("layers.3.mlp.up_proj")
                ? new TensorHeader("model.layers.3.mlp.other", h.dtype(), h.shape())
                : h, Long.MAX_VALUE);
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("model.layers.3.mlp.up_proj.weight is missing");

        rewrite(h -> h.name().contains("layers.3.mlp.up_proj")
                ? new TensorHeader(h.name(), h.dtype(), new long[]{h.shape()[1], h.shape()[0]})
                : h, Long.MAX_VALUE);
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("[64, 172]").hasMessageContaining("[172, 64]");
    }

    @Test
    void aFolderWithoutWeightsOrWithALyingIndexIsRefused() throws IOException {
        copyConfig();
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("model.safetensors");

        index("x", "gone.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("gone.safetensors").hasMessageContaining("no such file");

        index("x", "../model.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("not a file of this folder");

        Files.copy(Golden.STORIES.resolve("model.safetensors"), folder.resolve("one.safetensors"));
        index("x", "one.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("x is not in one.safetensors");
    }

    /** A pickle is a program: it is not opened under its own name, nor as a shard of an index. */
    @Test
    void picklesAreNotRead() throws IOException {
        copyConfig();
        Files.write(folder.resolve("pytorch_model.bin"), new byte[]{(byte) 0x80, 2, '}', 'q', 0, '.', 'P', 'K', 3, 4});
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("safetensors weights is needed");

        index("x", "pytorch_model.bin");
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("not a safetensors file");
    }

    @Test
    void nanWeightsAreFoundAndNamed() throws IOException {
        copyConfig();
        byte[] bytes = Files.readAllBytes(Golden.STORIES.resolve("model.safetensors"));
        TensorSpec norm;
        long offset;
        try (Checkpoint original = Checkpoint.open(Golden.STORIES)) {
            original.config().tensors().forEach(original::checkFinite);
            norm = original.config().layerRoles(2).get(Role.INPUT_NORM);
            offset = original.info(norm).offset();
        }
        MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 5 * Float.BYTES, Float.NaN);
        Files.write(folder.resolve("model.safetensors"), bytes);

        try (Checkpoint broken = Checkpoint.open(folder)) {
            assertThatThrownBy(() -> broken.checkFinite(norm)).isInstanceOf(InvalidCheckpointException.class)
                    .hasMessageContaining(norm.name()).hasMessageContaining("element 5");
        }
    }

    @Test
    void theDigestIsThatOfTheContent() throws IOException {
        rewrite(h -> h, Long.MAX_VALUE);
        String before = ContentDigest.ofFolder(folder);

        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        assertThat(ContentDigest.ofFolder(copy)).isEqualTo(before);

        Files.move(copy.resolve("config.json"), copy.resolve("config2.json"));
        assertThat(ContentDigest.ofFolder(copy)).isNotEqualTo(before);
    }

    @Test
    void everySixteenBitNumberWidensExactly() {
        try (Arena arena = Arena.ofShared(); NDManager manager = Torch.newManager(Device.cpu())) {
            MemorySegment all = arena.allocate((long) MANY * Short.BYTES);
            for (int i = 0; i < MANY; i++) {
                all.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
            }
            float[] halves = widened(manager, all, DType.F16);
            float[] brains = widened(manager, all, DType.BF16);
            for (int i = 0; i < MANY; i++) {
                if (Float.floatToRawIntBits(brains[i]) != i << 16
                        || Float.compare(halves[i], Float.float16ToFloat((short) i)) != 0) {
                    fail("element " + i + " became " + brains[i] + " and " + halves[i]);
                }
            }
        }
    }

    private static float[] widened(NDManager manager, MemorySegment data, DType dtype) {
        NDArray array = Widening.toFloat(manager, data, dtype, new long[]{MANY});
        return array.toFloatArray();
    }

    /** Writes the stories model again, its headers changed. */
    private void rewrite(UnaryOperator<TensorHeader> change, long shardBytes) throws IOException {
        copyConfig();
        try (SafetensorsFile source = SafetensorsFile.open(Golden.STORIES.resolve("model.safetensors"))) {
            List<TensorHeader> headers = source.tensors().values().stream()
                    .map(t -> change.apply(new TensorHeader(t.name(), t.dtype(), t.shape()))).toList();
            try (var writer = CheckpointWriter.create(folder, headers, shardBytes)) {
                var target = headers.iterator();
                source.tensors().values().forEach(t -> writer.append(target.next().name(), source.segment(t)));
                writer.commit();
            }
        }
    }

    private void copyConfig() throws IOException {
        Files.deleteIfExists(folder.resolve("config.json"));
        Files.copy(Golden.STORIES.resolve("config.json"), folder.resolve("config.json"));
    }

    private void index(String tensor, String shard) throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"%s\": \"%s\"}}".formatted(tensor, shard));
    }
}
