package io.espalier.model.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the weights of a checkpoint folder, sharded above a size as transformers does it: the first file to be full
 * starts the next, names count from 1, an index lists them. All shards are open until {@link #commit}.
 */
public final class CheckpointWriter implements AutoCloseable {
    /** transformers' default, 5 GB. */
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    private final Path folder;
    private final Map<String, SafetensorsWriter> shards = new LinkedHashMap<>();
    private final Map<String, String> shardOf = new LinkedHashMap<>();
    private final long totalBytes;

    private CheckpointWriter(Path folder, long totalBytes) {
        this.folder = folder;
        this.totalBytes = totalBytes;
    }

    /** @param folder must exist */
    public static CheckpointWriter create(Path folder, List<TensorHeader> tensors, long shardBytes) {
        List<List<TensorHeader>> parts = split(tensors, shardBytes);
        var writer = new CheckpointWriter(folder, tensors.stream().mapToLong(TensorHeader::bytes).sum());
        try {
            for (int i = 0; i < parts.size(); i++) {
                writer.add(parts.size() == 1
                        ? CheckpointFiles.SINGLE
                        : "model-%05d-of-%05d.safetensors".formatted(i + 1, parts.size()), parts.get(i));
            }
            return writer;
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /** Appends bytes, little-endian, to a tensor. */
    public void append(String name, MemorySegment data) {
        String shard = shardOf.get(name);
        if (shard == null) {
            throw new IllegalArgumentException(name + " is not a tensor of this checkpoint");
        }
        shards.get(shard).append(name, data);
    }

    /** Names all files; the index last. */
    public void commit() {
        shards.values().forEach(SafetensorsWriter::commit);
        if (shards.size() > 1) {
            writeIndex();
        }
    }

    @Override
    public void close() {
        shards.values().forEach(SafetensorsWriter::close);
    }

    private void add(String file, List<TensorHeader> tensors) {
        shards.put(file, SafetensorsWriter.create(folder.resolve(file), tensors));
        tensors.forEach(t -> shardOf.put(t.name(), file));
    }

    private void writeIndex() {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = mapper.createObjectNode();
        json.putObject("metadata").put("total_size", totalBytes);
        ObjectNode map = json.putObject("weight_map");
        shardOf.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .forEach(e -> map.put(e.getKey(), e.getValue()));
        try {
            Files.writeString(folder.resolve(CheckpointFiles.INDEX),
                    mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the index cannot be written", e);
        }
    }

    private static List<List<TensorHeader>> split(List<TensorHeader> tensors, long shardBytes) {
        var parts = new ArrayList<List<TensorHeader>>();
        long room = 0;
        for (TensorHeader t : tensors) {
            if (parts.isEmpty() || t.bytes() > room) {
                parts.add(new ArrayList<>());
                room = shardBytes;
            }
            parts.getLast().add(t);
            room -= t.bytes();
        }
        return parts;
    }
}
