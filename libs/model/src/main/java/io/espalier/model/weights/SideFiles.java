package io.espalier.model.weights;

import java.io.IOException;
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
                FileContent.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static boolean isSideFile(Path file) {
        String name = file.getFileName().toString();
        boolean wanted = name.endsWith(".json") || name.endsWith(".txt") || name.endsWith(".jinja")
                || name.endsWith(".model") || name.endsWith(".py") || name.startsWith("LICENSE");
        return wanted && !name.endsWith(".index.json") && Files.isRegularFile(file);
    }
}
