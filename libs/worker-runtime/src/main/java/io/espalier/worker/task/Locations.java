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
            case ModelSource.Folder folder -> existing(folder.location(), "model");
            case ModelSource.Tree tree -> artifacts.tree(tree.tree());
        };
    }

    /**
     * A user's file or folder.
     *
     * @param location path or {@code file://} URI
     * @param key      of the request, for the message
     * @throws PermanentFailureException if it is not there
     */
    public static Path existing(String location, String key) throws PermanentFailureException {
        Path path = local(location);
        if (!Files.exists(path)) {
            throw new PermanentFailureException(key + ": " + path + ": no such file or folder on this worker");
        }
        return path;
    }

    /**
     * @param location path or {@code file://} URI
     */
    public static Path local(String location) throws PermanentFailureException {
        try {
            return location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location).toAbsolutePath();
        } catch (IllegalArgumentException e) {
            throw new PermanentFailureException("'" + location + "' is no place on this machine: give a path or a "
                    + "file:// URI", e);
        }
    }
}
