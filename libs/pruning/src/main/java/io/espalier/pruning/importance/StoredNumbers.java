package io.espalier.pruning.importance;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * Doubles in a file, little-endian. They are read, not mapped: pages of a map would count as memory of the process. The
 * channel is closed when nothing refers to it any more.
 *
 * @param offset of the first byte
 */
record StoredNumbers(FileChannel channel, long offset, int count) {
    double[] read() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(count, Double.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, offset + bytes.position()) < 0) {
                    throw new EOFException("ends " + bytes.remaining() + " bytes too early");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("statistics cannot be read", e);
        }
        double[] values = new double[count];
        bytes.flip().asDoubleBuffer().get(values);
        return values;
    }
}
