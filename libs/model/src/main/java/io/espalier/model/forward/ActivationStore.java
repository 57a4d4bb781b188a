package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.SafetensorsWriter;
import io.espalier.model.weights.TensorHeader;
import io.espalier.model.weights.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Activations at block boundaries, fp32, in memory up to a number of bytes and in temporary files beyond. Files vanish
 * with {@link #close}.
 */
final class ActivationStore implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("\\d{1,9}\\.\\d{1,9}");
    private static final ValueLayout.OfFloat LITTLE_ENDIAN = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final NDManager manager;
    private final long memoryBytes;
    private final Path folder;
    private final Map<Long, NDArray> inMemory = new HashMap<>();
    private final Map<Long, Spilled> onDisk = new HashMap<>();
    private long usedBytes;

    private record Spilled(Path file, Shape shape) {}

    /** @param folder where temporary files go; null for the system's */
    ActivationStore(NDManager parent, long memoryBytes, Path folder) {
        this.manager = parent.newSubManager();
        this.memoryBytes = memoryBytes;
        this.folder = folder;
    }

    /** Keeps a copy-free hold on the array, or its bytes on disk; replaces what was there. */
    void put(int layer, int microBatch, NDArray x) {
        long key = key(layer, microBatch);
        remove(key);
        long bytes = x.size() * Float.BYTES;
        if (usedBytes + bytes <= memoryBytes) {
            NDArray held = x.stopGradient();
            held.attach(manager);
            inMemory.put(key, held);
            usedBytes += bytes;
        } else {
            onDisk.put(key, write(x));
        }
    }

    /** A new array of {@code scope}, outside any graph; what is computed from it belongs to {@code scope}. */
    NDArray get(NDManager scope, int layer, int microBatch) {
        return get(scope, key(layer, microBatch));
    }

    private NDArray get(NDManager scope, long key) {
        NDArray held = inMemory.get(key);
        if (held != null) {
            NDArray view = held.stopGradient();
            view.attach(scope);
            return view;
        }
        Spilled spilled = onDisk.get(key);
        if (spilled == null) {
            throw new IllegalStateException("no activation of layer and micro-batch " + name(key));
        }
        return read(scope, spilled);
    }

    void remove(int layer, int microBatch) {
        remove(key(layer, microBatch));
    }

    /** Of everything that is kept, in memory and on disk. */
    long bytes() {
        return usedBytes + onDisk.values().stream().mapToLong(spilled -> spilled.shape().size() * Float.BYTES).sum();
    }

    /** Writes everything into one file: a tensor {@code LAYER.MICROBATCH} for each. */
    void save(Path file) {
        SortedMap<Long, Shape> shapes = new TreeMap<>();
        inMemory.forEach((key, held) -> shapes.put(key, held.getShape()));
        onDisk.forEach((key, spilled) -> shapes.put(key, spilled.shape()));
        List<TensorHeader> headers = new ArrayList<>();
        shapes.forEach((key, shape) -> headers.add(new TensorHeader(name(key), DType.F32, shape.getShape())));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, headers)) {
            for (long key : shapes.keySet()) {
                try (NDManager scope = manager.newSubManager()) {
                    writer.append(name(key), MemorySegment.ofBuffer(get(scope, key).toByteBuffer(true)));
                }
            }
            writer.commit();
        }
    }

    /**
     * Puts everything that was saved back to where it stood.
     *
     * @throws InvalidCheckpointException if the file is not one of {@link #save}
     */
    void restore(SafetensorsFile file) {
        for (TensorInfo info : file.tensors().values()) {
            if (info.dtype() != DType.F32 || !NAME.matcher(info.name()).matches()) {
                throw new InvalidCheckpointException(file.path() + ": " + info + " is not an activation");
            }
            int dot = info.name().indexOf('.');
            try (NDManager scope = manager.newSubManager()) {
                float[] values = file.segment(info).toArray(LITTLE_ENDIAN);
                put(Integer.parseInt(info.name().substring(0, dot)), Integer.parseInt(info.name().substring(dot + 1)),
                        Torch.ofFloats(scope, values, new Shape(info.shape())));
            }
        }
    }

    /** Forgets everything. */
    void clear() {
        List.copyOf(inMemory.keySet()).forEach(this::remove);
        List.copyOf(onDisk.keySet()).forEach(this::remove);
    }

    @Override
    public void close() {
        onDisk.values().forEach(s -> delete(s.file()));
        onDisk.clear();
        manager.close();
    }

    private void remove(long key) {
        NDArray held = inMemory.remove(key);
        if (held != null) {
            usedBytes -= held.size() * Float.BYTES;
            held.close();
        }
        Spilled spilled = onDisk.remove(key);
        if (spilled != null) {
            delete(spilled.file());
        }
    }

    private Spilled write(NDArray x) {
        try {
            Path file = folder == null
                    ? Files.createTempFile("activation", ".f32")
                    : Files.createTempFile(folder, "activation", ".f32");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = x.toByteBuffer(true);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            return new Spilled(file, x.getShape());
        } catch (IOException e) {
            throw new UncheckedIOException("activations cannot be spilled to disk: " + e.getMessage(), e);
        }
    }

    private static NDArray read(NDManager scope, Spilled spilled) {
        try (FileChannel channel = FileChannel.open(spilled.file())) {
            var bytes = ByteBuffer.allocate(Math.toIntExact(channel.size())).order(ByteOrder.nativeOrder());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until full
            }
            var values = new float[bytes.flip().remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(values);
            return Torch.ofFloats(scope, values, spilled.shape());
        } catch (IOException e) {
            throw new UncheckedIOException("spilled activations cannot be read: " + e.getMessage(), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be removed", e);
        }
    }

    private static long key(int layer, int microBatch) {
        return (long) layer << Integer.SIZE | microBatch;
    }

    private static String name(long key) {
        return (key >> Integer.SIZE) + "." + (int) key;
    }
}
