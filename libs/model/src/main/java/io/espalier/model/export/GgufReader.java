package io.espalier.model.export;

import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One GGUF file, version 3, memory mapped: its metadata and its tensors. Only the types that {@link GgufWriter} writes.
 * Segments die with {@link #close}.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
final class GgufReader implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ALIGNMENT = 32;
    private static final int VERSION = 3;

    private final Path path;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment content;
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private long position;

    /** @param shape outermost first, as in a checkpoint */
    record Tensor(long[] shape, GgufWriter.Type type, MemorySegment data) {
        /** Bytes of one entry along the first axis. */
        long rowBytes() {
            return shape[0] == 0 ? 0 : data.byteSize() / shape[0];
        }
    }

    private record Place(String name, long[] shape, GgufWriter.Type type, long offset) {
        long bytes() {
            return type.bytes(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        }
    }

    private GgufReader(Path path) throws IOException {
        this.path = path;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            this.content = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        }
    }

    /** @throws InvalidCheckpointException where the file is none, or is cut off */
    static GgufReader open(Path path) {
        GgufReader reader = null;
        try {
            reader = new GgufReader(path);
            reader.read();
            return reader;
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be mapped", e);
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            reader.close();
            throw new InvalidCheckpointException(path + ": no GGUF file, or cut off", e);
        } catch (RuntimeException e) {
            if (reader != null) {
                reader.close();
            }
            throw e;
        }
    }

    Path path() {
        return path;
    }

    /** Integers, floats, booleans, strings, and lists of them, by key. */
    Map<String, Object> metadata() {
        return metadata;
    }

    Map<String, Tensor> tensors() {
        return tensors;
    }

    /** @throws InvalidCheckpointException where there is none */
    Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new InvalidCheckpointException(path + ": tensor " + name + " is missing");
        }
        return tensor;
    }

    @Override
    public void close() {
        arena.close();
    }

    private void read() {
        int magic = int32();
        int version = int32();
        if (magic != 0x46554747 || version != VERSION) {
            throw new InvalidCheckpointException(path + ": no GGUF file of version " + VERSION);
        }
        long tensorCount = int64();
        long keyCount = int64();
        for (long i = 0; i < keyCount; i++) {
            String key = string();
            metadata.put(key, value(int32()));
        }
        List<Place> places = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            places.add(place());
        }
        long data = (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        for (Place place : places) {
            tensors.put(place.name, new Tensor(place.shape, place.type,
                    content.asSlice(data + place.offset, place.bytes())));
        }
    }

    private Place place() {
        String name = string();
        long[] shape = new long[int32()];
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            shape[axis] = int64();
        }
        int code = int32();
        GgufWriter.Type type = Arrays.stream(GgufWriter.Type.values()).filter(t -> t.code() == code).findFirst()
                .orElseThrow(() -> new InvalidCheckpointException(path + ": " + name + " is of type " + code
                        + ", which is not read"));
        return new Place(name, shape, type, int64());
    }

    private Object value(int type) {
        return switch (type) {
            case GgufWriter.UINT32, GgufWriter.INT32 -> int32();
            case GgufWriter.FLOAT32 -> Float.intBitsToFloat(int32());
            case GgufWriter.BOOL -> content.get(ValueLayout.JAVA_BYTE, advance(1)) != 0;
            case GgufWriter.STRING -> string();
            case GgufWriter.ARRAY -> array();
            default -> throw new InvalidCheckpointException(path + ": metadata of type " + type + " is not read");
        };
    }

    private List<Object> array() {
        int type = int32();
        long count = int64();
        List<Object> values = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            values.add(value(type));
        }
        return values;
    }

    private int int32() {
        return content.get(INT, advance(Integer.BYTES));
    }

    private long int64() {
        return content.get(LONG, advance(Long.BYTES));
    }

    private String string() {
        long length = int64();
        byte[] utf8 = content.asSlice(advance(length), length).toArray(ValueLayout.JAVA_BYTE);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private long advance(long bytes) {
        long at = position;
        position += bytes;
        return at;
    }
}
