package io.espalier.model.export;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A reader of GGUF files written from the format's description, for tests. */
record GgufFile(Map<String, Object> metadata, Map<String, Tensor> tensors, byte[] bytes, long data) {
    /** @param shape innermost first, as the file has it */
    record Tensor(long[] shape, int type, long offset) {}

    static GgufFile read(Path path) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[4];
        in.get(magic);
        if (!new String(magic, StandardCharsets.US_ASCII).equals("GGUF") || in.getInt() != 3) {
            throw new IOException(path + " is not GGUF version 3");
        }
        long tensorCount = in.getLong();
        long keyCount = in.getLong();
        Map<String, Object> metadata = new LinkedHashMap<>();
        for (long i = 0; i < keyCount; i++) {
            String key = string(in);
            metadata.put(key, value(in, in.getInt()));
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (long i = 0; i < tensorCount; i++) {
            String name = string(in);
            long[] shape = new long[in.getInt()];
            for (int d = 0; d < shape.length; d++) {
                shape[d] = in.getLong();
            }
            tensors.put(name, new Tensor(shape, in.getInt(), in.getLong()));
        }
        return new GgufFile(metadata, tensors, bytes, (in.position() + 31) / 32 * 32L);
    }

    MemorySegment tensor(String name) {
        Tensor tensor = tensors.get(name);
        long elements = 1;
        for (long n : tensor.shape) {
            elements *= n;
        }
        long size = switch (tensor.type) {
            case 0 -> elements * 4;
            case 1, 30 -> elements * 2;
            case 8 -> elements / 32 * 34;
            default -> throw new IllegalStateException("type " + tensor.type);
        };
        if (tensor.offset % 32 != 0) {
            throw new IllegalStateException(name + " is not aligned");
        }
        return MemorySegment.ofArray(bytes).asSlice(data + tensor.offset, size);
    }

    private static Object value(ByteBuffer in, int type) {
        return switch (type) {
            case 4, 5 -> in.getInt();
            case 6 -> in.getFloat();
            case 7 -> in.get() != 0;
            case 8 -> string(in);
            case 9 -> {
                int element = in.getInt();
                long count = in.getLong();
                List<Object> values = new ArrayList<>();
                for (long i = 0; i < count; i++) {
                    values.add(value(in, element));
                }
                yield values;
            }
            default -> throw new IllegalStateException("value type " + type);
        };
    }

    private static String string(ByteBuffer in) {
        byte[] bytes = new byte[(int) in.getLong()];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
