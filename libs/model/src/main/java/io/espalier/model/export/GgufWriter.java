package io.espalier.model.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes one GGUF file, version 3: first metadata and the list of tensors, then their bytes in the order of the list,
 * each aligned to 32 bytes.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
final class GgufWriter implements AutoCloseable {
    /** How elements are stored; {@code code} is ggml's number of the type. */
    enum Type {
        F32(0, 1, 4), F16(1, 1, 2), Q8_0(8, 32, 34), BF16(30, 1, 2);

        private final int code;
        private final int block;
        private final int blockBytes;

        Type(int code, int block, int blockBytes) {
            this.code = code;
            this.block = block;
            this.blockBytes = blockBytes;
        }

        /** As in names of formats and files. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** ggml's number. */
        int code() {
            return code;
        }

        /** Elements that are stored together; divides the row length. */
        int block() {
            return block;
        }

        long bytes(long elements) {
            return elements / block * blockBytes;
        }
    }

    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;
    static final int UINT32 = 4;
    static final int INT32 = 5;
    static final int FLOAT32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;

    private final FileChannel channel;
    private final Block metadata = new Block();
    private final List<TensorEntry> tensors = new ArrayList<>();
    private int keys;
    private long position;
    private int next;

    private record TensorEntry(String name, long[] shape, Type type, long bytes) {}

    GgufWriter(Path file) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    void put(String key, String value) {
        key(key, STRING).string(value);
    }

    void put(String key, int value) {
        key(key, UINT32).int32(value);
    }

    void put(String key, float value) {
        key(key, FLOAT32).int32(Float.floatToRawIntBits(value));
    }

    void put(String key, boolean value) {
        key(key, BOOL).int8(value ? 1 : 0);
    }

    /** As INT32, not UINT32: older loaders take no other integers in arrays. */
    void put(String key, int[] values) {
        key(key, ARRAY).int32(INT32).int64(values.length);
        for (int value : values) {
            metadata.int32(value);
        }
    }

    void put(String key, float[] values) {
        key(key, ARRAY).int32(FLOAT32).int64(values.length);
        for (float value : values) {
            metadata.int32(Float.floatToRawIntBits(value));
        }
    }

    void put(String key, List<String> values) {
        key(key, ARRAY).int32(STRING).int64(values.size());
        values.forEach(metadata::string);
    }

    /** @param shape as in the checkpoint, outermost first */
    void declare(String name, long[] shape, Type type) {
        long elements = 1;
        for (long n : shape) {
            elements *= n;
        }
        if (shape[shape.length - 1] % type.block() != 0) {
            throw new IllegalArgumentException(name + ": rows of " + shape[shape.length - 1] + " are no multiple of "
                    + type.block() + ", which " + type + " needs");
        }
        tensors.add(new TensorEntry(name, shape.clone(), type, type.bytes(elements)));
    }

    /** After all metadata and declarations, before the first tensor. */
    void writeHeader() throws IOException {
        Block head = new Block();
        head.bytes("GGUF".getBytes(StandardCharsets.US_ASCII)).int32(VERSION).int64(tensors.size()).int64(keys);
        write(head.toBuffer());
        write(metadata.toBuffer());
        Block list = new Block();
        long offset = 0;
        for (TensorEntry t : tensors) {
            list.string(t.name).int32(t.shape.length);
            for (int i = t.shape.length - 1; i >= 0; i--) {
                list.int64(t.shape[i]);
            }
            list.int32(t.type.code).int64(offset);
            offset = aligned(offset + t.bytes);
        }
        write(list.toBuffer());
        pad();
    }

    /** The bytes of the next declared tensor. */
    void writeTensor(MemorySegment data) throws IOException {
        TensorEntry tensor = tensors.get(next++);
        if (data.byteSize() != tensor.bytes) {
            throw new IllegalArgumentException(tensor.name + ": " + data.byteSize() + " bytes instead of "
                    + tensor.bytes);
        }
        int chunk = 1 << 24;
        for (long from = 0; from < data.byteSize(); from += chunk) {
            write(data.asSlice(from, Math.min(chunk, data.byteSize() - from)).asByteBuffer());
        }
        pad();
    }

    /** @throws IllegalStateException if a declared tensor was not written */
    void finish() throws IOException {
        if (next != tensors.size()) {
            throw new IllegalStateException(tensors.get(next).name + " was not written");
        }
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private Block key(String key, int type) {
        keys++;
        return metadata.string(key).int32(type);
    }

    private static long aligned(long position) {
        return (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void pad() throws IOException {
        write(ByteBuffer.allocate((int) (aligned(position) - position)));
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            position += channel.write(bytes);
        }
    }

    /** Little-endian values in memory. */
    private static final class Block {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Block bytes(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        Block int8(int value) {
            out.write(value);
            return this;
        }

        Block int32(int value) {
            return bytes(ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
        }

        Block int64(long value) {
            return bytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
        }

        Block string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return int64(utf8.length).bytes(utf8);
        }

        ByteBuffer toBuffer() {
            return ByteBuffer.wrap(out.toByteArray());
        }
    }
}
