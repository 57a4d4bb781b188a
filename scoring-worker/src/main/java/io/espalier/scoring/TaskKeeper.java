package io.espalier.scoring;

import io.espalier.model.forward.PassKeeper;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TemporaryFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of a scoring pass as those of its task (docs/decisions/0015). One is written when the worker is called away,
 * otherwise so seldom that writing takes at most a twentieth of the time. A checkpoint that cannot be written or read costs
 * work, never the task.
 */
final class TaskKeeper implements PassKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(TaskKeeper.class);
    private static final long LEAST_PAUSE = Duration.ofSeconds(30).toNanos();
    private static final int PAUSE_PER_WRITE = 20;

    private final TaskContext context;
    private final long mostBytes;
    private final LongSupplier nanoTime;
    private long writtenAt;
    private long pause = LEAST_PAUSE;

    /**
     * @param mostBytes larger checkpoints are not written
     * @param nanoTime  what {@link System#nanoTime} tells
     */
    TaskKeeper(TaskContext context, long mostBytes, LongSupplier nanoTime) {
        this.context = context;
        this.mostBytes = mostBytes;
        this.nanoTime = nanoTime;
        this.writtenAt = nanoTime.getAsLong();
    }

    @Override
    public Optional<Path> last() {
        if (context.resumeFrom().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(context.artifacts().tree(context.resumeFrom().get()));
        } catch (IOException e) {
            refused(e.toString());
            return Optional.empty();
        }
    }

    @Override
    public void refused(String reason) {
        LOG.atWarn().addKeyValue("reason", reason).log("the checkpoint is of no use: scoring begins anew");
    }

    /** Whoever asks is interrupted by its next progress if the worker is called away, with a checkpoint or without. */
    @Override
    public boolean wants(long bytes) {
        boolean calledAway = context.stopping();
        return bytes <= mostBytes && (calledAway || nanoTime.getAsLong() - writtenAt >= pause);
    }

    @Override
    public void keep(Writer writer) {
        long start = nanoTime.getAsLong();
        try (TemporaryFolder folder = TemporaryFolder.of(context)) {
            writer.write(folder.path());
            context.checkpoint(context.artifacts().putTree(folder.path()));
        } catch (IOException | UncheckedIOException e) {
            LOG.atWarn().setCause(e).log("checkpoint not written");
        }
        writtenAt = nanoTime.getAsLong();
        pause = Math.max(LEAST_PAUSE, PAUSE_PER_WRITE * (writtenAt - start));
    }
}
