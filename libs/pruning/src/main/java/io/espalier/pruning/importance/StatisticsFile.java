package io.espalier.pruning.importance;

import io.espalier.model.config.DType;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.SafetensorsWriter;
import io.espalier.model.weights.TensorHeader;
import io.espalier.model.weights.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
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

    static void write(Path path, Map<String, Statistics.Sum> sums) {
        List<TensorHeader> headers = new ArrayList<>();
        sums.forEach((name, sum) -> {
            headers.add(new TensorHeader(name, DType.F64, sum.shape()));
            if (hasError(sum)) {
                headers.add(new TensorHeader(name + ERROR, DType.F64, sum.shape()));
            }
        });
        try (var writer = SafetensorsWriter.create(path, headers); Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LITTLE_ENDIAN, CHUNK);
            sums.forEach((name, sum) -> {
                append(writer, name, sum.high(), buffer);
                if (hasError(sum)) {
                    append(writer, name + ERROR, sum.low(), buffer);
                }
            });
            writer.commit();
        }
    }

    static void read(Path path, Map<String, Statistics.Sum> into) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            file.tensors().values().stream().filter(info -> !info.name().endsWith(ERROR)).forEach(info -> {
                double[] high = values(file, info);
                TensorInfo error = file.tensors().get(info.name() + ERROR);
                double[] low = error == null ? new double[high.length] : values(file, error);
                into.put(info.name(), new Statistics.Sum(info.shape(), high, low));
            });
        }
    }

    private static void append(SafetensorsWriter writer, String name, double[] values, MemorySegment buffer) {
        for (int from = 0; from < values.length; from += CHUNK) {
            int count = Math.min(CHUNK, values.length - from);
            MemorySegment.copy(values, from, buffer, LITTLE_ENDIAN, 0, count);
            writer.append(name, buffer.asSlice(0, (long) count * Double.BYTES));
        }
    }

    private static double[] values(SafetensorsFile file, TensorInfo info) {
        if (info.dtype() != DType.F64) {
            throw new IllegalArgumentException(file.path() + ": " + info + " is not a statistic, which is F64");
        }
        return file.segment(info).toArray(LITTLE_ENDIAN);
    }

    private static boolean hasError(Statistics.Sum sum) {
        return Arrays.stream(sum.low()).anyMatch(error -> error != 0);
    }
}
