package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Where a worker finds a checkpoint. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = ModelSource.Folder.class, name = "folder"),
    @JsonSubTypes.Type(value = ModelSource.Tree.class, name = "tree")})
public sealed interface ModelSource {
    /**
     * The user's own folder.
     *
     * @param location path or {@code file://} URI
     * @param digest   SHA-256 over the names, sizes and contents of its files; null until PREPARE has read them
     */
    record Folder(String location, String digest) implements ModelSource {}

    /** A checkpoint that an earlier stage wrote to the artifact store. */
    record Tree(ArtifactRef tree) implements ModelSource {}
}
