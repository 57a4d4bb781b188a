package io.espalier.artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Compares stored bytes with the digest that names them. A file is read once per process as long as its size, time and
 * inode stay the same: whoever changes bytes without changing these, or a disk that rots within a process's life, is not
 * noticed.
 */
final class Verifier {
    private record Stamp(long size, FileTime modified, Object inode) {}

    private final Map<Path, Stamp> verified = new ConcurrentHashMap<>();

    /**
     * @throws CorruptArtifactException if the bytes have another digest
     * @throws java.nio.file.NoSuchFileException if there is no such file
     */
    void verify(Path file, String sha256) throws IOException {
        Stamp stamp = stamp(file);
        if (stamp.equals(verified.get(file))) {
            return;
        }
        String found = Sha256.of(file);
        if (!found.equals(sha256)) {
            throw new CorruptArtifactException(
                    "artifact " + sha256 + " is damaged: " + file + " has the digest " + found);
        }
        verified.put(file, stamp);
    }

    /** Takes note of bytes that this process has just hashed itself. */
    void trust(Path file) throws IOException {
        verified.put(file, stamp(file));
    }

    boolean isIntact(Path file, String sha256) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        try {
            verify(file, sha256);
            return true;
        } catch (CorruptArtifactException e) {
            return false;
        }
    }

    private static Stamp stamp(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }
}
