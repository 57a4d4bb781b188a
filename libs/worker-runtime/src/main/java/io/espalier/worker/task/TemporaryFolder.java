package io.espalier.worker.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of an attempt that goes, with its files, before the attempt ends. */
public record TemporaryFolder(Path path) implements AutoCloseable {
    /** An empty one in the attempt's scratch folder. */
    public static TemporaryFolder of(TaskContext context) throws IOException {
        return new TemporaryFolder(Files.createTempDirectory(context.scratch(), "temporary-"));
    }

    @Override
    public void close() {
        Scratch.delete(path);
    }
}
