package io.espalier.bench.task;

import ai.djl.Device;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.eval.MeasureHandler;
import io.espalier.eval.Models;
import io.espalier.eval.PerplexityHandler;
import io.espalier.gpu.export.ExportHandler;
import io.espalier.gpu.recover.RecoverHandler;
import io.espalier.gpu.slice.SliceHandler;
import io.espalier.model.text.TokenFile;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.scoring.PrepareHandler;
import io.espalier.scoring.ProposeHandler;
import io.espalier.scoring.RankHandler;
import io.espalier.scoring.ScoreHandler;
import io.espalier.worker.task.ResidentWeights;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskResult;
import io.espalier.worker.task.WorkerMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The task handlers of all workers, on the CPU, with an artifact store and a scratch folder as a worker has them, but
 * without a broker.
 */
public final class Handled implements AutoCloseable {
    private static final Device CPU = Device.cpu();
    private static final long BOUNDARY_BYTES = 512L << 20; // as the gpu-worker has it

    private static final long MEMORY_BYTES = WorkerMemory.bytes(Settings.fromEnv(System.getenv()));
    private static final long RESIDENT_BYTES = ResidentWeights.bytes(Settings.fromEnv(System.getenv()));
    private static final Models MODELS = new Models(CPU, RESIDENT_BYTES);

    private final Path folder;
    private final ArtifactStore artifacts;

    /** @param parent a folder for everything that the tasks write; who opens it again finds the artifacts */
    public Handled(Path parent) throws IOException {
        folder = Files.createDirectories(parent);
        artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
    }

    /**
     * One attempt at a task.
     *
     * @param seconds wall time of the handler
     * @param beats   when it counted tokens
     */
    public record Done(TaskResult result, double seconds, Beats beats) {
        public ArtifactRef output(String name) {
            return result.outputs().get(name);
        }
    }

    public ArtifactStore artifacts() {
        return artifacts;
    }

    /** Token ids as an artifact, [sequences][length]. */
    public ArtifactRef store(int[][] tokens) throws IOException {
        Path file = Files.createTempFile(folder, "tokens-", ".safetensors");
        Files.delete(file);
        TokenFile.write(file, tokens);
        return artifacts.putFile(file);
    }

    /** Does a task as a worker does. */
    public Done run(Work work) throws Exception {
        Path scratch = Files.createTempDirectory(folder, "scratch-");
        var beats = new Beats();
        var context = new LooseContext(artifacts, scratch, beats);
        long start = System.nanoTime();
        TaskResult result = handle(work, context);
        return new Done(result, (System.nanoTime() - start) / 1e9, beats);
    }

    /**
     * Lets the right handler do a task.
     *
     * @throws IllegalArgumentException if it is of a kind that no benchmark needs
     */
    public static TaskResult handle(Work work, TaskContext context) throws Exception {
        return switch (work) {
            case Work.Prepare prepare -> new PrepareHandler().run(prepare, context);
            case Work.Score score -> new ScoreHandler(CPU, MEMORY_BYTES, 0).run(score, context);
            case Work.Rank rank -> new RankHandler().run(rank, context);
            case Work.Propose propose -> new ProposeHandler().run(propose, context);
            case Work.Measure measure -> new MeasureHandler(MODELS).run(measure, context);
            case Work.Slice slice -> new SliceHandler(CPU, MEMORY_BYTES).run(slice, context);
            case Work.Recover recover -> new RecoverHandler(CPU, RESIDENT_BYTES, BOUNDARY_BYTES).run(recover, context);
            case Work.Perplexity perplexity -> new PerplexityHandler(MODELS).run(perplexity, context);
            case Work.Export export -> new ExportHandler(CPU).run(export, context);
            default -> throw new IllegalArgumentException("no handler for " + work);
        };
    }

    @Override
    public void close() throws IOException {
        artifacts.close();
    }
}
