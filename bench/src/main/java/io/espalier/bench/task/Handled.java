package io.espalier.bench.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A place to run task handlers in: an artifact store and a scratch folder, as a worker has them, but no broker. */
public final class Handled implements AutoCloseable {
    private final Path folder;
    private final ArtifactStore artifacts;

    /** @param parent a folder for everything that the tasks write */
    public Handled(Path parent) throws IOException {
        folder = Files.createTempDirectory(Files.createDirectories(parent), "tasks-");
        artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
    }

    /**
     * One attempt at a task.
     *
     * @param seconds wall time of the handler
     * @param beats   when it counted tokens
     */
    public record Done(TaskResult result, double seconds, Beats beats) {}

    public ArtifactStore artifacts() {
        return artifacts;
    }

    public <W extends Work> Done run(TaskHandler<W> handler, W work) throws Exception {
        Path scratch = Files.createTempDirectory(folder, "scratch-");
        var beats = new Beats();
        long start = System.nanoTime();
        TaskResult result = handler.run(work, new LooseContext(artifacts, scratch, beats));
        return new Done(result, (System.nanoTime() - start) / 1e9, beats);
    }

    @Override
    public void close() throws IOException {
        artifacts.close();
    }
}
