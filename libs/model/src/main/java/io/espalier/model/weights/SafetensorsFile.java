package io.espalier.model.weights;

import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * One safetensors file, memory mapped; of any size.
 *
 * <p>
 * Layout: 8 bytes little-endian header length, a JSON header, then the tensors. The header is checked against the file
 * before anything is read through it. Segments die with {@link #close}: a tensor made of one must be closed before.
 */
public final class SafetensorsFile implements AutoCloseable {
    private final Path path;
    private final Arena arena;
    private final MemorySegment content;
    private final Map<String, TensorInfo> tensors;

    private SafetensorsFile(Path path, Arena arena, MemorySegment content) {
        this.path = path;
        this.arena = arena;
        this.content = content;
        this.tensors = new SafetensorsHeader(path, content).read();
    }

    /** @throws InvalidCheckpointException where the header does not describe the file */
    public static SafetensorsFile open(Path path) {
        if (Files.isDirectory(path)) {
            throw new InvalidCheckpointException(path + ": is a folder, not a file");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new SafetensorsFile(path, arena, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (NoSuchFileException e) {
            arena.close();
            throw new InvalidCheckpointException(path + ": no such file", e);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException(path + ": cannot be mapped", e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /** By name, in the order of their offsets. */
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    public TensorInfo tensor(String name) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            throw new InvalidCheckpointException(path + ": has no tensor " + name);
        }
        return info;
    }

    /** The bytes of a tensor, little-endian, in the file's own type. */
    public MemorySegment segment(TensorInfo info) {
        return content.asSlice(info.offset(), info.bytes());
    }

    /** Lets the operating system forget the bytes of a tensor that no process maps; they are read from disk again. */
    void dropFromCache(TensorInfo info) {
        PageCache.drop(path, info.offset(), info.bytes());
    }

    @Override
    public void close() {
        arena.close();
    }
}
