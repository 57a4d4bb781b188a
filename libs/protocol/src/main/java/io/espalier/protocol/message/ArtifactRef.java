package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.regex.Pattern;

/**
 * Points to an immutable artifact: a file named by the SHA-256 of its bytes, or a tree (a folder) named by the SHA-256
 * of its listing.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param bytes  size of the file, or sum of the sizes of a tree's files
 */
public record ArtifactRef(Kind kind, String sha256, long bytes) {
    /** A file, or a folder of files. */
    public enum Kind {
        FILE, TREE
    }

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    @JsonCreator
    public ArtifactRef(@JsonProperty("kind") Kind kind, @JsonProperty("sha256") String sha256,
            @JsonProperty("bytes") long bytes) {
        if (kind == null || sha256 == null || !DIGEST.matcher(sha256).matches() || bytes < 0) {
            throw new IllegalArgumentException("not an artifact: kind " + kind + ", sha256 " + sha256 + ", bytes "
                    + bytes);
        }
        this.kind = kind;
        this.sha256 = sha256;
        this.bytes = bytes;
    }

    public static ArtifactRef file(String sha256, long bytes) {
        return new ArtifactRef(Kind.FILE, sha256, bytes);
    }

    public static ArtifactRef tree(String sha256, long bytes) {
        return new ArtifactRef(Kind.TREE, sha256, bytes);
    }
}
