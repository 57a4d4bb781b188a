package io.espalier.bench;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the repository is. */
public final class TestHome {
    public static final Path ROOT = root();

    private TestHome() {}

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (Files.notExists(folder.resolve("espalier"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
