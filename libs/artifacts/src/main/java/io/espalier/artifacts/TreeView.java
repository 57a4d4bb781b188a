package io.espalier.artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tree as a folder with the original names, without copying where the file system allows it: hard links, else
 * symbolic links, else copies.
 */
final class TreeView {
    /** Where the verified bytes of a file of the tree lie. */
    @FunctionalInterface
    interface Content {
        Path of(TreeListing.Item item) throws IOException;
    }

    private TreeView() {}

    static void build(TreeListing listing, Path folder, Content content) throws IOException {
        Files.createDirectories(folder);
        for (TreeListing.Item item : listing.files()) {
            Path name = folder.resolve(item.path());
            Files.createDirectories(name.getParent());
            link(name, content.of(item));
        }
    }

    /** Whether each name in a folder still stands for the verified bytes. */
    static boolean isIntact(TreeListing listing, Path folder, Content content, Verifier verifier) throws IOException {
        for (TreeListing.Item item : listing.files()) {
            Path name = folder.resolve(item.path());
            Path bytes = content.of(item);
            if (!Files.exists(name)
                    || !Files.isSameFile(name, bytes) && !verifier.isIntact(name, item.sha256())) {
                return false;
            }
        }
        return true;
    }

    private static void link(Path name, Path bytes) throws IOException {
        try {
            Files.createLink(name, bytes);
        } catch (IOException | UnsupportedOperationException noHardLinks) {
            try {
                Files.createSymbolicLink(name, bytes.toAbsolutePath());
            } catch (IOException | UnsupportedOperationException noLinks) {
                Files.copy(bytes, name);
            }
        }
    }
}
