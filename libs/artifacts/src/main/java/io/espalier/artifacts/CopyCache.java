package io.espalier.artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Folders copied from elsewhere, shared by all processes of a machine: each is fetched by one of them while the others
 * wait, appears whole or not at all, and stays as long as somebody uses it. Before another is fetched, those used longest
 * ago make room for it.
 *
 * <pre>
 * copies/KEY/      a whole copy
 * drafts/KEY/      being fetched; what a killed process left is gone on with
 * digests/KEY      what {@link FolderDigest} said of it
 * locks/KEY.fetch  held by who fetches
 * locks/KEY.use    held by all who use it; its time is that of the last use
 * </pre>
 */
final class CopyCache {
    private final Path copies;
    private final Path drafts;
    private final Path locks;
    private final Path digests;
    private final long mostBytes;

    /** Fetches what is not yet there into a folder. */
    @FunctionalInterface
    interface Fetch {
        void into(Path folder) throws IOException, InterruptedException;
    }

    /** Holds a copy until it is closed. */
    record Hold(Path folder, Path lock, Path digestFile) implements AutoCloseable {
        String digest() throws IOException {
            if (Files.exists(digestFile)) {
                return Files.readString(digestFile);
            }
            String digest = FolderDigest.of(folder);
            Path draft = Files.createTempFile(digestFile.getParent(), "draft-", null);
            Files.writeString(draft, digest);
            Files.move(draft, digestFile, StandardCopyOption.ATOMIC_MOVE);
            return digest;
        }

        @Override
        public void close() throws IOException {
            MachineLocks.release(lock);
        }
    }

    /** @param mostBytes of all copies together, but for those in use */
    CopyCache(Path root, long mostBytes) throws IOException {
        this.copies = Files.createDirectories(root.resolve("copies")).toRealPath();
        this.drafts = Files.createDirectories(root.resolve("drafts")).toRealPath();
        this.locks = Files.createDirectories(root.resolve("locks")).toRealPath();
        this.digests = Files.createDirectories(root.resolve("digests")).toRealPath();
        this.mostBytes = mostBytes;
    }

    /**
     * @param key   names the content, in letters and digits
     * @param bytes that a fetch brings
     */
    Hold hold(String key, long bytes, Fetch fetch) throws IOException, InterruptedException {
        Path copy = copies.resolve(key);
        Path use = use(key);
        while (true) {
            MachineLocks.share(use);
            if (Files.isDirectory(copy)) {
                Files.setLastModifiedTime(use, FileTime.from(Instant.now()));
                return new Hold(copy, use, digests.resolve(key));
            }
            MachineLocks.release(use);
            MachineLocks.alone(locks.resolve(key + ".fetch"), () -> {
                if (Files.notExists(copy)) {
                    makeRoom(key, bytes);
                    Path draft = Files.createDirectories(drafts.resolve(key));
                    fetch.into(draft);
                    Files.move(draft, copy, StandardCopyOption.ATOMIC_MOVE);
                }
            });
        }
    }

    private Path use(String key) {
        return locks.resolve(key + ".use");
    }

    private void makeRoom(String key, long bytes) throws IOException, InterruptedException {
        forgetAbandoned(key);
        long there = 0;
        for (Path copy : list(copies)) {
            there += bytesOf(copy);
        }
        List<Path> byLastUse = list(copies).stream().sorted(Comparator.comparing(this::lastUse)).toList();
        for (Path copy : byLastUse) {
            if (there + bytes <= mostBytes && bytes <= usable()) {
                return;
            }
            long size = bytesOf(copy);
            if (forget(copy)) {
                there -= size;
            }
        }
        if (bytes > usable()) {
            throw new UnreadablePlaceException("a copy of " + bytes + " bytes is needed, and " + copies.getParent()
                    + " has room for " + usable() + "; make room or name another folder (ESPALIER_COPIES_FOLDER)");
        }
    }

    private long usable() throws IOException {
        return Files.getFileStore(copies).getUsableSpace();
    }

    /** Out of the way first, so that nobody finds half of it. */
    private boolean forget(Path copy) throws IOException, InterruptedException {
        Path away = drafts.resolve(copy.getFileName() + ".old");
        boolean free = MachineLocks.unlessShared(use(copy.getFileName().toString()), () -> {
            if (Files.isDirectory(copy)) {
                Folders.delete(away);
                Files.move(copy, away, StandardCopyOption.ATOMIC_MOVE);
            }
        });
        if (free) {
            Folders.delete(away);
        }
        return free;
    }

    /** Drafts that nobody has touched for a day: what they were of has changed, or nobody wants it any more. */
    private void forgetAbandoned(String but) throws IOException {
        Instant yesterday = Instant.now().minusSeconds(24 * 60 * 60);
        for (Path draft : list(drafts)) {
            if (!draft.getFileName().toString().equals(but)
                    && Files.getLastModifiedTime(draft).toInstant().isBefore(yesterday)) {
                Folders.delete(draft);
            }
        }
    }

    private FileTime lastUse(Path copy) {
        try {
            return Files.getLastModifiedTime(use(copy.getFileName().toString()));
        } catch (IOException e) {
            return FileTime.from(Instant.EPOCH); // nobody ever used it
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    private static long bytesOf(Path folder) throws IOException {
        long bytes = 0;
        try {
            for (Path file : list(folder)) {
                bytes += Files.size(file);
            }
        } catch (NoSuchFileException e) {
            return bytes; // another process makes room as well
        }
        return bytes;
    }
}
