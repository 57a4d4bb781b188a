package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.CorruptArtifactException;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What tasks that do parts of the same work leave for each other: files of the store, under names that each of them can make
 * (docs/decisions/0016). No job names them: what is not taken away by {@link #forget} goes with the next sweep, and counts as
 * not there then.
 */
public final class HandedOn {
    private static final String PREFIX = "handed-on/";

    private final ArtifactStore artifacts;
    private final String work;

    /** @param work names the work that the tasks have in common */
    public HandedOn(ArtifactStore artifacts, String work) {
        this.artifacts = artifacts;
        this.work = work;
    }

    /** Names the work; a file whose content says so too is never another's, and may go without harm to anyone. */
    public String work() {
        return work;
    }

    /** Leaves a file; what was left under this name before is forgotten. */
    public void put(String name, Path file) throws IOException {
        artifacts.replaceEntry(key(name), Json.events().writeValueAsBytes(artifacts.putFile(file)));
    }

    /** A local copy of what was left; not to be changed. */
    public Optional<Path> find(String name) throws IOException {
        Optional<ArtifactRef> left = entry(name);
        try {
            return left.isPresent() ? Optional.of(artifacts.file(left.get())) : Optional.empty();
        } catch (NoSuchFileException | CorruptArtifactException e) {
            return Optional.empty();
        }
    }

    /** Nobody needs it any more; nothing happens if it is not there. */
    public void forget(String name) throws IOException {
        Optional<ArtifactRef> left = entry(name);
        if (left.isPresent()) {
            artifacts.deleteEntry(key(name));
            artifacts.delete(left.get());
        }
    }

    private Optional<ArtifactRef> entry(String name) throws IOException {
        Optional<byte[]> entry = artifacts.entry(key(name));
        return entry.isPresent()
                ? Optional.of(Json.events().readValue(entry.get(), ArtifactRef.class))
                : Optional.empty();
    }

    private String key(String name) {
        return PREFIX + work + "/" + name;
    }
}
