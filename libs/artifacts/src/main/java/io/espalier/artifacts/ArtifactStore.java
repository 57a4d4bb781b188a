package io.espalier.artifacts;

import io.espalier.protocol.message.ArtifactRef;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Immutable files by content hash. Writing is atomic (an artifact is there whole or not at all) and idempotent; reading
 * verifies. All methods may block and may be called from any thread.
 */
public interface ArtifactStore extends AutoCloseable {
    /** Stores the bytes of a file; the file itself stays the caller's. */
    ArtifactRef putFile(Path file) throws IOException;

    /** Stores a small artifact. */
    ArtifactRef putBytes(byte[] bytes) throws IOException;

    /** Stores all regular files below a folder, with their relative names. */
    ArtifactRef putTree(Path folder) throws IOException;

    /**
     * A local file with the artifact's bytes, verified; not to be changed.
     *
     * @throws CorruptArtifactException if the stored bytes are not those of the name
     * @throws java.nio.file.NoSuchFileException if there is no such artifact
     */
    Path file(ArtifactRef artifact) throws IOException;

    /** A local folder with the files of a tree, verified; not to be changed. */
    Path tree(ArtifactRef artifact) throws IOException;

    InputStream open(ArtifactRef artifact) throws IOException;

    boolean contains(ArtifactRef artifact) throws IOException;

    /** A small value by name, beside the content-addressed files: stage cache, last checkpoint of a task. */
    Optional<byte[]> entry(String key) throws IOException;

    /** First write wins; later ones change nothing. */
    void putEntry(String key, byte[] value) throws IOException;

    /** Last write wins; a reader sees the old value or the new one. */
    void replaceEntry(String key, byte[] value) throws IOException;

    void deleteEntry(String key) throws IOException;

    /** Deletes an artifact (a tree with the files that no other tree names); nothing happens if it is not there. */
    void delete(ArtifactRef artifact) throws IOException;

    /**
     * Deletes what cannot be reached from live artifacts (a live tree keeps its files), and entries of long ago. Safe
     * beside writers: what was written or written again lately stays, whoever will name it.
     *
     * @param youngest what is younger than this stays in any case
     */
    Collected collect(Set<ArtifactRef> live, Duration youngest) throws IOException;

    /** What a collection deleted. */
    record Collected(long artifacts, long bytes) {}

    @Override
    void close() throws IOException;
}
