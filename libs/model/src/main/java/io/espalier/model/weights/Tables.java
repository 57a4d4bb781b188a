package io.espalier.model.weights;

import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small safetensors files that workers exchange: token ids (I32) and statistics (F64). */
public final class Tables {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Name of the tensor with token ids. */
    public static final String TOKENS = "tokens";

    private Tables() {}

    /** Values in row-major order. */
    public record Table(long[] shape, double[] values) {
        public Table {
            long size = 1;
            for (long n : shape) {
                size = Math.multiplyExact(size, n);
            }
            if (size != values.length) {
                throw new IllegalArgumentException(values.length + " values do not fill the shape of " + size);
            }
        }

        public static Table vector(double... values) {
            return new Table(new long[]{values.length}, values);
        }
    }

    /** @param samples rows of equal length */
    public static void writeTokens(Path file, int[][] samples) {
        int length = samples.length == 0 ? 0 : samples[0].length;
        try (var writer = SafetensorsWriter.create(file,
                List.of(new TensorHeader(TOKENS, DType.I32, new long[]{samples.length, length})))) {
            for (int[] sample : samples) {
                if (sample.length != length) {
                    throw new IllegalArgumentException("samples differ in length: " + length + ", " + sample.length);
                }
                writer.append(TOKENS, MemorySegment.ofArray(encode(sample)));
            }
            writer.commit();
        }
    }

    /** What {@link #writeTokens} wrote: [samples][length]. */
    public static int[][] readTokens(Path file) {
        try (var input = SafetensorsFile.open(file)) {
            TensorInfo info = input.tensor(TOKENS);
            if (info.dtype() != DType.I32 || info.shape().length != 2) {
                throw new InvalidCheckpointException(file + ": " + info + " must be I32 [samples, length]");
            }
            int length = Math.toIntExact(info.shape()[1]);
            var samples = new int[Math.toIntExact(info.shape()[0])][length];
            MemorySegment data = input.segment(info);
            for (int i = 0; i < samples.length; i++) {
                for (int t = 0; t < length; t++) {
                    samples[i][t] = data.getAtIndex(INT, (long) i * length + t);
                }
            }
            return samples;
        }
    }

    /** In the order of the map. */
    public static void writeDoubles(Path file, Map<String, Table> tables) {
        List<TensorHeader> headers = tables.entrySet().stream()
                .map(e -> new TensorHeader(e.getKey(), DType.F64, e.getValue().shape())).toList();
        try (var writer = SafetensorsWriter.create(file, headers)) {
            tables.forEach((name, table) -> writer.append(name, MemorySegment.ofArray(encode(table.values()))));
            writer.commit();
        }
    }

    /** What {@link #writeDoubles} wrote, in file order. */
    public static Map<String, Table> readDoubles(Path file) {
        try (var input = SafetensorsFile.open(file)) {
            var tables = new LinkedHashMap<String, Table>();
            for (TensorInfo info : input.tensors().values()) {
                if (info.dtype() != DType.F64) {
                    throw new InvalidCheckpointException(file + ": " + info + " must be F64");
                }
                MemorySegment data = input.segment(info);
                var values = new double[Math.toIntExact(info.elements())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = data.getAtIndex(DOUBLE, i);
                }
                tables.put(info.name(), new Table(info.shape(), values));
            }
            return tables;
        }
    }

    private static byte[] encode(int[] values) {
        var bytes = new byte[values.length * Integer.BYTES];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int i = 0; i < values.length; i++) {
            segment.setAtIndex(INT, i, values[i]);
        }
        return bytes;
    }

    private static byte[] encode(double[] values) {
        var bytes = new byte[Math.multiplyExact(values.length, Double.BYTES)];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int i = 0; i < values.length; i++) {
            segment.setAtIndex(DOUBLE, i, values[i]);
        }
        return bytes;
    }
}
