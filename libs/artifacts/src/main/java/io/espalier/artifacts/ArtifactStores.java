package io.espalier.artifacts;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** Opens a store by its location: the scheme of the URI says which kind. */
public final class ArtifactStores {
    private ArtifactStores() {}

    /**
     * @param location a folder (path or {@code file://} URI), which is made if it is not there, or a bucket
     *                 ({@code s3://bucket/prefix}, see {@link S3Location})
     */
    public static ArtifactStore open(String location) throws IOException {
        return open(location, ArtifactMeter.NONE);
    }

    public static ArtifactStore open(String location, ArtifactMeter meter) throws IOException {
        int colon = location.indexOf("://");
        if (colon < 0) {
            return FileArtifactStore.open(Path.of(location), meter);
        }
        return switch (location.substring(0, colon)) {
            case "file" -> FileArtifactStore.open(folder(location), meter);
            case "s3" -> S3ArtifactStore.open(S3Location.parse(location), meter);
            case String scheme -> throw new IllegalArgumentException(
                    "artifacts '" + location + "': no store for " + scheme + "://; write a folder, file:// or s3://");
        };
    }

    private static Path folder(String location) {
        try {
            return Path.of(URI.create(location));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "artifacts '" + location + "' is not a file URI of this machine: write file:///folder", e);
        }
    }
}
