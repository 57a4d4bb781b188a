package io.espalier.model.text;

import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.SafetensorsWriter;
import io.espalier.model.weights.TensorHeader;
import io.espalier.model.weights.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** Token ids of equally long sequences in a file: safetensors, one I32 tensor {@code tokens} [sequences, length]. */
public final class TokenFile {
    private static final String TENSOR = "tokens";
    private static final ValueLayout.OfInt LITTLE_ENDIAN = ValueLayout.JAVA_INT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private TokenFile() {}

    /** @param sequences [sequences][length] */
    public static void write(Path file, int[][] sequences) {
        int length = sequences[0].length;
        ByteBuffer bytes = ByteBuffer.allocate(sequences.length * length * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int[] sequence : sequences) {
            if (sequence.length != length) {
                throw new IllegalArgumentException(
                        "sequences differ in length: " + length + ", " + sequence.length);
            }
            bytes.asIntBuffer().put(sequence);
            bytes.position(bytes.position() + length * Integer.BYTES);
        }
        var header = new TensorHeader(TENSOR, DType.I32, new long[]{sequences.length, length});
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, List.of(header))) {
            writer.append(TENSOR, MemorySegment.ofArray(bytes.array()));
            writer.commit();
        }
    }

    /** @return [sequences][length] */
    public static int[][] read(Path file) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            TensorInfo info = tensors.tensor(TENSOR);
            if (info.dtype() != DType.I32 || info.shape().length != 2) {
                throw new InvalidCheckpointException(file + ": " + info + " is no table of token ids");
            }
            int length = Math.toIntExact(info.shape()[1]);
            int[][] sequences = new int[Math.toIntExact(info.shape()[0])][length];
            for (int i = 0; i < sequences.length; i++) {
                MemorySegment.copy(tensors.segment(info), LITTLE_ENDIAN, (long) i * length * Integer.BYTES,
                        sequences[i], 0, length);
            }
            return sequences;
        }
    }
}
