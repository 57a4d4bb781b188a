package io.espalier.bench.load;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** An artifact store that gives names and keeps nothing: coordinators hand names on and never look behind them. */
final class NamesOnly implements ArtifactStore {
    private final AtomicLong given = new AtomicLong();

    @Override
    public ArtifactRef putFile(Path file) {
        return ArtifactRef.file(name(), 1000);
    }

    @Override
    public ArtifactRef putBytes(byte[] bytes) {
        return ArtifactRef.file(name(), bytes.length);
    }

    @Override
    public ArtifactRef putTree(Path folder) {
        return ArtifactRef.tree(name(), 1000);
    }

    private String name() {
        return "%064x".formatted(given.incrementAndGet());
    }

    @Override
    public Path file(ArtifactRef artifact) throws IOException {
        throw nothing();
    }

    @Override
    public Path tree(ArtifactRef artifact) throws IOException {
        throw nothing();
    }

    @Override
    public InputStream open(ArtifactRef artifact) throws IOException {
        throw nothing();
    }

    private static IOException nothing() {
        return new IOException("nothing is kept here");
    }

    @Override
    public boolean contains(ArtifactRef artifact) {
        return false;
    }

    @Override
    public Optional<byte[]> entry(String key) {
        return Optional.empty();
    }

    @Override
    public void putEntry(String key, byte[] value) {
        // nothing is kept
    }

    @Override
    public void replaceEntry(String key, byte[] value) {
        // nothing is kept
    }

    @Override
    public void deleteEntry(String key) {
        // nothing is kept
    }

    @Override
    public void delete(ArtifactRef artifact) {
        // nothing is kept
    }

    @Override
    public Collected collect(Set<ArtifactRef> live, Duration youngest) {
        return new Collected(0, 0);
    }

    @Override
    public void close() {
        // nothing is open
    }
}
