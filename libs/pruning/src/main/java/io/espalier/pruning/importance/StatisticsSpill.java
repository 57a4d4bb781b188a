package io.espalier.pruning.importance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file without a name behind which complete statistics are put, one after another; it goes when it is closed. */
final class StatisticsSpill {
    private final FileChannel channel;
    private long end;

    StatisticsSpill(Path folder) {
        try {
            channel = FileChannel.open(Files.createTempFile(folder, "statistics", ".spill"), StandardOpenOption.READ,
                    StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": statistics cannot be put here", e);
        }
    }

    Statistics.Stored write(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        long start = end;
        try {
            while (bytes.hasRemaining()) {
                end += channel.write(bytes, end);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("statistics cannot be written", e);
        }
        return new Statistics.Stored(new long[]{values.length}, new StoredNumbers(channel, start, values.length),
                null);
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("spilled statistics cannot be given up", e);
        }
    }
}
