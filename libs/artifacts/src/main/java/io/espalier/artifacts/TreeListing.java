package io.espalier.artifacts;

import com.fasterxml.jackson.core.JacksonException;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;

/**
 * The files of a tree, sorted by name. Its canonical JSON is what a tree is named by.
 *
 * @param files relative names with {@code /}, each once
 */
record TreeListing(List<Item> files) {
    /** @param path relative, with {@code /} between the parts */
    record Item(String path, String sha256, long bytes) {
        Item {
            Path relative = Path.of(path);
            String plain = relative.normalize().toString().replace(relative.getFileSystem().getSeparator(), "/");
            if (path.isEmpty() || !path.equals(plain) || relative.isAbsolute() || relative.startsWith("..")) {
                throw new IllegalArgumentException("'" + path + "' is not a plain name inside a tree");
            }
        }

        ArtifactRef file() {
            return ArtifactRef.file(sha256, bytes);
        }
    }

    TreeListing {
        files = files.stream().sorted(Comparator.comparing(Item::path)).toList();
        var names = new HashSet<String>();
        for (Item item : files) {
            if (!names.add(item.path)) {
                throw new IllegalArgumentException("'" + item.path + "' stands twice in its tree");
            }
        }
    }

    static TreeListing parse(byte[] json) throws IOException {
        try {
            return Json.events().readValue(json, TreeListing.class);
        } catch (JacksonException e) {
            throw new CorruptArtifactException("not the listing of a tree: " + e.getOriginalMessage());
        }
    }

    byte[] json() {
        return Json.canonical(this);
    }

    ArtifactRef ref() {
        return ArtifactRef.tree(Sha256.of(json()), files.stream().mapToLong(Item::bytes).sum());
    }
}
