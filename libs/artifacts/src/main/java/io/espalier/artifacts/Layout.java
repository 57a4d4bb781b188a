package io.espalier.artifacts;

import io.espalier.protocol.message.ArtifactRef;
import java.nio.file.Path;

/**
 * Where things lie below the root of a store; the first two digits of a name fan out into 256 folders.
 *
 * <pre>
 * files/ab/ab34…     content of files
 * trees/ab/ab34…     listings of trees
 * views/ab/ab34…/    trees as folders, made when first asked for
 * entries/ab/ab34…   small values, named by the hash of their key
 * tmp/               what is being written
 * </pre>
 */
record Layout(Path root) {
    Path of(ArtifactRef artifact) {
        return switch (artifact.kind()) {
            case FILE -> fan("files", artifact.sha256());
            case TREE -> fan("trees", artifact.sha256());
        };
    }

    Path view(ArtifactRef tree) {
        return fan("views", tree.sha256());
    }

    Path entry(String key) {
        return fan("entries", Sha256.of(key));
    }

    Path files() {
        return root.resolve("files");
    }

    Path trees() {
        return root.resolve("trees");
    }

    Path views() {
        return root.resolve("views");
    }

    Path entries() {
        return root.resolve("entries");
    }

    Path temporary() {
        return root.resolve("tmp");
    }

    private Path fan(String kind, String name) {
        return root.resolve(kind).resolve(name.substring(0, 2)).resolve(name);
    }
}
