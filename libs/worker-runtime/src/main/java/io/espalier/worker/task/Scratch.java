package io.espalier.worker.task;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
        Optional<Scratch> made = Optional.empty();
        while (made.isEmpty()) {
            made = make(parent);
        }
        return made.get();
    }

    /**
     * Empty if a worker that started at the same time took the folder for an abandoned one: it sees the file before it is
     * locked. Who deletes does so under the lock, so whoever has it and still finds the file is safe.
     */
    private static Optional<Scratch> make(Path parent) throws IOException {
        Path folder = Files.createTempDirectory(parent, PREFIX);
        Path file = folder.resolve(LOCK);
        FileChannel lock;
        try {
            lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (isHeld(lock) && Files.exists(file)) {
            return Optional.of(new Scratch(folder, lock));
        }
        lock.close();
        return Optional.empty();
    }

    private static boolean isHeld(FileChannel lock) throws IOException {
        try {
            lock.lock();
            return true;
        } catch (OverlappingFileLockException e) {
            return false; // of another worker in this process
        }
    }

    /** Systems that clear their temporary folder take what has not been used for days, also from an idle worker. */
    Path newFolder() throws IOException {
        Files.createDirectories(folder);
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
        folders.forEach(Scratch::deleteIfAbandoned);
    }

    private static void deleteIfAbandoned(Path folder) {
        try (var channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            if (held != null) {
                delete(folder);
            }
        } catch (IOException | OverlappingFileLockException e) {
            LOG.atDebug().addKeyValue("folder", folder).log("being made, or of another worker in this process");
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
        delete(folder);
    }
}
