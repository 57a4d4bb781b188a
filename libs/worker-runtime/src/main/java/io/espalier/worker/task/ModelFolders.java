package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ModelSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** Where the files that a task names lie on this machine. */
public final class ModelFolders {
    private ModelFolders() {}

    /** The folder of a checkpoint; not to be changed. */
    public static Path of(ModelSource source, ArtifactStore artifacts) throws IOException, PermanentFailureException {
        return switch (source) {
            case ModelSource.Folder folder -> path("model", folder.location());
            case ModelSource.Tree tree -> artifacts.tree(tree.tree());
        };
    }

    /**
     * A path or {@code file://} URI of a request.
     *
     * @param key where it stands in the request, for the message
     */
    public static Path path(String key, String location) throws PermanentFailureException {
        try {
            return location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location).toAbsolutePath();
        } catch (IllegalArgumentException e) {
            throw new PermanentFailureException(
                    key + ": '" + location + "' is not a path on this machine: give a path or a file:// URI", e);
        }
    }
}
