package io.espalier.system;

import java.nio.file.Files;
import java.nio.file.Path;

/** The repository these tests run in: what a user would have cloned. */
final class Repository {
    static final Path ROOT = root();
    static final Path EXAMPLES = ROOT.resolve("examples");

    private Repository() {}

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (Files.notExists(folder.resolve("espalier"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
