package io.espalier.cli.run;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Where a run keeps its broker, artifacts and logs: a folder of the user's, or a temporary one that goes away. */
public final class DataFolder implements AutoCloseable {
    private final Path path;
    private final boolean temporary;

    private DataFolder(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    /** @param chosen null means a temporary one */
    public static DataFolder of(Path chosen) throws IOException {
        return chosen == null
                ? new DataFolder(Files.createTempDirectory("espalier-"), true)
                : new DataFolder(chosen.toAbsolutePath().normalize(), false);
    }

    public Path path() {
        return path;
    }

    public boolean isTemporary() {
        return temporary;
    }

    /** Removes a temporary folder, however far it gets. */
    @Override
    public void close() {
        if (temporary && Files.exists(path)) {
            try {
                Files.walkFileTree(path, new Removal());
            } catch (IOException e) {
                System.err.println("espalier: " + path + " cannot be removed: " + e.getMessage());
            }
        }
    }

    private static final class Removal extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // gone meanwhile
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
