package io.espalier.pruning.importance;

import io.espalier.model.config.DType;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.SafetensorsWriter;
import io.espalier.model.weights.TensorHeader;
import io.espalier.model.weights.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Statistics as safetensors, F64: each sum under its name, its error (where there is one) under {@code name~}. */
final class StatisticsFile {
    private static final String ERROR = "~";
    private static final int CHUNK = 1 << 17;
    private static final ValueLayout.OfDouble LITTLE_ENDIAN = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private StatisticsFile() {}

    static void write(Path path, Map<String, Statistics.Entry> entries) {
        List<TensorHeader> headers = new ArrayList<>();
        entries.forEach((name, entry) -> {
            headers.add(new TensorHeader(name, DType.F64, entry.shape()));
            if (hasError(entry)) {
                headers.add(new TensorHeader(name + ERROR, DType.F64, entry.shape()));
            }
        });
        try (var writer = SafetensorsWriter.create(path, headers); Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LITTLE_ENDIAN, CHUNK);
            entries.forEach((name, entry) -> {
                append(writer, name, entry.high(), buffer);
                if (hasError(entry)) {
                    append(writer, name + ERROR, entry.low(), buffer);
                }
            });
            writer.commit();
        }
    }

    static void read(Path path, Map<String, Statistics.Entry> into) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            file.tensors().values().stream().filter(info -> !info.name().endsWith(ERROR)).forEach(info -> {
                TensorInfo error = file.tensors().get(info.name() + ERROR);
                into.put(info.name(), new Statistics.Stored(info.shape(), stored(path, channel, info),
                        error == null ? null : stored(path, channel, error)));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be read", e);
        }
    }

    private static void append(SafetensorsWriter writer, String name, double[] values, MemorySegment buffer) {
        for (int from = 0; from < values.length; from += CHUNK) {
            int count = Math.min(CHUNK, values.length - from);
            MemorySegment.copy(values, from, buffer, LITTLE_ENDIAN, 0, count);
            writer.append(name, buffer.asSlice(0, (long) count * Double.BYTES));
        }
    }

    private static StoredNumbers stored(Path path, FileChannel channel, TensorInfo info) {
        if (info.dtype() != DType.F64) {
            throw new IllegalArgumentException(path + ": " + info + " is not a statistic, which is F64");
        }
        return new StoredNumbers(channel, info.offset(), Math.toIntExact(info.elements()));
    }

    private static boolean hasError(Statistics.Entry entry) {
        return switch (entry) {
            case Statistics.Stored stored -> stored.lower() != null;
            case Statistics.Sum sum -> Arrays.stream(sum.low()).anyMatch(error -> error != 0);
        };
    }
}
