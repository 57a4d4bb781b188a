package io.espalier.model.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Copies without permissions: what lies in a store may be read-only, and the copy is its owner's to write to. */
public final class FileContent {
    private FileContent() {}

    /** @param options as of {@link Files#newOutputStream}: without any, what was there is written over */
    public static void copy(Path from, Path to, OpenOption... options) throws IOException {
        try (OutputStream out = Files.newOutputStream(to, options)) {
            Files.copy(from, out);
        }
    }
}
