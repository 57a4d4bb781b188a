package io.espalier.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes a file whole or not at all, also when the power fails: into a temporary file, forced to the disk, then renamed;
 * the folder is forced too, because the name stands there.
 */
final class DurableWriter {
    /** What a crash left is younger than this only if it crashed lately. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Path temporary;

    DurableWriter(Path temporary) throws IOException {
        this.temporary = Files.createDirectories(temporary);
    }

    /** A written but still nameless file. */
    record Draft(Path file, String sha256, long bytes) {}

    /** @throws IOException that says where and how much room is left; then nothing stays behind */
    Draft write(InputStream content) throws IOException {
        Path file = freshPath();
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = Channels.newOutputStream(channel);
            String sha256 = Sha256.copy(content, out);
            channel.force(true);
            return new Draft(file, sha256, channel.size());
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw new IOException("cannot write to " + temporary + " (" + room() + "): " + e.getMessage(), e);
        }
    }

    /** Gives a draft its name, replacing what had it. */
    void publish(Draft draft, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        Files.move(draft.file, target, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(target.getParent());
    }

    /** Gives a draft its name unless another has it; whether it did. */
    boolean publishFirst(Draft draft, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        try {
            Files.createLink(target, draft.file);
            forceFolder(target.getParent());
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (UnsupportedOperationException e) { // no hard links here: a small window in which two may win
            if (Files.exists(target)) {
                return false;
            }
            publish(draft, target);
            return true;
        } finally {
            Files.deleteIfExists(draft.file);
        }
    }

    Path freshPath() {
        return temporary.resolve(UUID.randomUUID().toString());
    }

    /** Deletes what crashed writers left. */
    void deleteAbandoned() throws IOException {
        Instant before = Instant.now().minus(ABANDONED);
        try (Stream<Path> left = Files.list(temporary)) {
            for (Path path : left.toList()) {
                if (isOlder(path, before)) {
                    Folders.delete(path);
                }
            }
        }
    }

    private static boolean isOlder(Path path, Instant than) throws IOException {
        try {
            return Files.getLastModifiedTime(path).toInstant().isBefore(than);
        } catch (NoSuchFileException e) {
            return false; // published meanwhile
        }
    }

    private static void forceFolder(Path folder) {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // not every system can force a folder: there the rename is as durable as the system makes it
        }
    }

    private String room() {
        try {
            return Files.getFileStore(temporary).getUsableSpace() + " bytes free";
        } catch (IOException e) {
            return "room unknown";
        }
    }
}
