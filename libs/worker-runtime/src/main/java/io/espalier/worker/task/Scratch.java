package io.espalier.worker.task;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Temporary folders of attempts, in one folder per worker process. That folder holds a locked file as long as its
 * process lives, so that a successor can tell what a killed worker left and delete it.
 */
final class Scratch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);
    private static final String PREFIX = "espalier-scratch-";
    private static final String LOCK = "lock";

    private final Path folder;
    private final FileChannel lock;

    private Scratch(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    static Scratch open(Path parent) throws IOException {
        Files.createDirectories(parent);
        deleteAbandoned(parent);
        Path folder = Files.createTempDirectory(parent, PREFIX);
        FileChannel lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock.lock();
        return new Scratch(folder, lock);
    }

    Path newFolder() throws IOException {
        return Files.createTempDirectory(folder, "attempt-");
    }

    /** Failing to delete is a matter of room, not of the attempt. */
    static void delete(Path path) {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("folder", path).setCause(e).log("cannot delete a temporary folder");
        }
    }

    private static void deleteAbandoned(Path parent) throws IOException {
        List<Path> folders;
        try (Stream<Path> all = Files.list(parent)) {
            folders = all.filter(path -> path.getFileName().toString().startsWith(PREFIX)).toList();
        }
        folders.stream().filter(Scratch::isAbandoned).forEach(Scratch::delete);
    }

    private static boolean isAbandoned(Path folder) {
        try (var channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            return held != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false; // being made, or of another worker in this process
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
        delete(folder);
    }
}
