package io.espalier.model.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes one safetensors file, tensor by tensor, in bounded memory. The header is fixed at the start; bytes of a tensor
 * are appended in order, different tensors in any order. The file appears under its name, whole and on disk, with
 * {@link #commit}; without it nothing remains.
 */
public final class SafetensorsWriter implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 24;
    private static final int ALIGNMENT = 64;

    private final Path path;
    private final Path temporary;
    private final FileChannel channel;
    private final Map<String, Cursor> cursors = new LinkedHashMap<>();
    private boolean committed;

    private static final class Cursor {
        private long next;
        private final long end;

        Cursor(long start, long bytes) {
            this.next = start;
            this.end = start + bytes;
        }
    }

    private SafetensorsWriter(Path path, Path temporary, FileChannel channel) {
        this.path = path;
        this.temporary = temporary;
        this.channel = channel;
    }

    /** Metadata {@code format=pt}, as transformers wants it. */
    public static SafetensorsWriter create(Path path, List<TensorHeader> tensors) {
        return create(path, tensors, Map.of("format", "pt"));
    }

    /** @param tensors in the order in which they shall lie in the file */
    public static SafetensorsWriter create(Path path, List<TensorHeader> tensors, Map<String, String> metadata) {
        Path temporary = path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + "." + System.nanoTime() + ".tmp");
        try {
            FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            var writer = new SafetensorsWriter(path, temporary, channel);
            try {
                writer.writeHeader(tensors, metadata);
            } catch (IOException | RuntimeException e) {
                writer.close();
                throw e;
            }
            return writer;
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** Appends bytes, little-endian, to a tensor. */
    public void append(String name, MemorySegment data) {
        Cursor cursor = cursors.get(name);
        if (cursor == null) {
            throw new IllegalArgumentException(name + " is not in the header of " + path);
        }
        if (data.byteSize() > cursor.end - cursor.next) {
            throw new IllegalArgumentException(
                    name + ": " + data.byteSize() + " bytes, but only " + (cursor.end - cursor.next) + " are missing");
        }
        try {
            cursor.next = write(data, cursor.next);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** Checks that nothing is missing, brings the bytes to the disk and gives the file its name. */
    public void commit() {
        cursors.forEach((name, cursor) -> {
            if (cursor.next != cursor.end) {
                throw new IllegalStateException(name + ": " + (cursor.end - cursor.next) + " bytes were not written");
            }
        });
        try {
            channel.force(true);
            channel.close();
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            committed = true;
            try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent())) {
                folder.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
            if (!committed) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(temporary + ": cannot be removed", e);
        }
    }

    private void writeHeader(List<TensorHeader> tensors, Map<String, String> metadata) throws IOException {
        byte[] header = header(tensors, metadata);
        ByteBuffer start = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length).put(header).flip();
        long data = write(MemorySegment.ofBuffer(start), 0);
        for (TensorHeader t : tensors) {
            cursors.put(t.name(), new Cursor(data, t.bytes()));
            data += t.bytes();
        }
    }

    /** Padded with blanks, so that tensors start at a multiple of {@value #ALIGNMENT} and can be used in the map. */
    private static byte[] header(List<TensorHeader> tensors, Map<String, String> metadata)
            throws JsonProcessingException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = mapper.createObjectNode();
        if (!metadata.isEmpty()) {
            metadata.entrySet().stream().sorted(Map.Entry.comparingByKey())
                    .forEach(e -> json.withObjectProperty(SafetensorsHeader.METADATA).put(e.getKey(), e.getValue()));
        }
        long offset = 0;
        for (TensorHeader t : tensors) {
            if (json.has(t.name())) {
                throw new IllegalArgumentException(t.name() + " stands twice in the header");
            }
            ObjectNode node = json.putObject(t.name()).put("dtype", t.dtype().name());
            ArrayNode shape = node.putArray("shape");
            for (long n : t.shape()) {
                shape.add(n);
            }
            node.putArray("data_offsets").add(offset).add(offset + t.bytes());
            offset += t.bytes();
        }
        String text = mapper.writeValueAsString(json);
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        int padding = Math.floorMod(-(length + Long.BYTES), ALIGNMENT);
        return (text + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    }

    private long write(MemorySegment data, long position) throws IOException {
        long at = position;
        for (long from = 0; from < data.byteSize(); from += CHUNK_BYTES) {
            ByteBuffer chunk = bytes(data.asSlice(from, Math.min(CHUNK_BYTES, data.byteSize() - from)));
            while (chunk.hasRemaining()) {
                at += channel.write(chunk, at);
            }
        }
        return at;
    }

    /** Heap segments other than of bytes have no byte buffer: they are copied. */
    private static ByteBuffer bytes(MemorySegment data) {
        return data.isNative() ? data.asByteBuffer() : ByteBuffer.wrap(data.toArray(ValueLayout.JAVA_BYTE));
    }
}
