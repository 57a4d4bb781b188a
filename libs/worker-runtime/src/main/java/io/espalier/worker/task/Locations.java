package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ModelSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the things lie that a {@link io.espalier.protocol.message.Work} names. */
public final class Locations {
    private Locations() {}

    /** The folder of a checkpoint; not to be changed. */
    public static Path model(ModelSource source, ArtifactStore artifacts)
            throws IOException, PermanentFailureException {
        return switch (source) {
            case ModelSource.Folder folder -> path("model", folder.location());
            case ModelSource.Tree tree -> artifacts.tree(tree.tree());
        };
    }

    /**
     * A user's file or folder.
     *
     * @param key      where it stands in the request, for the message
     * @param location path or {@code file://} URI
     * @throws PermanentFailureException if it is not there
     */
    public static Path existing(String key, String location) throws PermanentFailureException {
        Path path = path(key, location);
        if (!Files.exists(path)) {
            throw new PermanentFailureException(key + ": " + path + ": no such file or folder on this worker");
        }
        return path;
    }

    /**
     * A place that need not be there yet.
     *
     * @param key      where it stands in the request, for the message
     * @param location path or {@code file://} URI
     */
    public static Path path(String key, String location) throws PermanentFailureException {
        try {
            return location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location).toAbsolutePath();
        } catch (IllegalArgumentException e) {
            throw new PermanentFailureException(
                    key + ": '" + location + "' is no place on this machine: give a path or a file:// URI", e);
        }
    }
}
