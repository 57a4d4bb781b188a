package io.espalier.model.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What stands in a checkpoint folder beside the weights and goes with every model made from it. */
public final class SideFiles {
    private SideFiles() {}

    /**
     * Copies configs, tokenizer in any form, chat template, licence, and the modelling code that some checkpoints bring
     * along; weights of any format and model cards stay behind.
     */
    public static void copy(Path from, Path to) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from, SideFiles::isSideFile)) {
            for (Path file : files) {
                copyContent(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** Not its permissions: what lies in a store may be read-only, and the copy is to be written to. */
    private static void copyContent(Path from, Path to) throws IOException {
        try (OutputStream out = Files.newOutputStream(to)) {
            Files.copy(from, out);
        }
    }

    private static boolean isSideFile(Path file) {
        String name = file.getFileName().toString();
        boolean wanted = name.endsWith(".json") || name.endsWith(".txt") || name.endsWith(".jinja")
                || name.endsWith(".model") || name.endsWith(".py") || name.startsWith("LICENSE");
        return wanted && !name.endsWith(".index.json") && Files.isRegularFile(file);
    }
}
