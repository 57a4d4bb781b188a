package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.S3Copies;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.Work;
import io.espalier.worker.metrics.ProcessMemory;
import io.espalier.worker.metrics.WorkerMetrics;
import io.espalier.worker.task.Attempt.End;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts attempts: finds the handler, the last checkpoint and a scratch folder, and asks the cache first. */
final class AttemptStarter {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptStarter.class);

    private final Map<Class<? extends Work>, TaskHandler<? extends Work>> handlers = new HashMap<>();
    private final ArtifactStore artifacts;
    private final Checkpoints checkpoints;
    private final StageCache cache;
    private final Scratch scratch;
    private final WorkerMetrics metrics;
    private final Reporter reporter;
    private final PlaceCheck places;
    private final S3Copies copies;

    AttemptStarter(ArtifactStore artifacts, Checkpoints checkpoints, StageCache cache, Scratch scratch,
            WorkerMetrics metrics, Reporter reporter, PlaceCheck places, S3Copies copies) {
        this.artifacts = artifacts;
        this.checkpoints = checkpoints;
        this.cache = cache;
        this.scratch = scratch;
        this.metrics = metrics;
        this.reporter = reporter;
        this.places = places;
        this.copies = copies;
    }

    <W extends Work> void handle(Class<W> work, TaskHandler<W> handler) {
        handlers.put(work, handler);
    }

    Attempt start(Task task, int number, AttemptTrace trace) throws IOException {
        Path folder = scratch.newFolder();
        ArtifactRef resumeFrom = checkpoints.find(task).orElse(null);
        var self = new AtomicReference<Attempt>();
        var context = new AttemptContext(artifacts, folder, Math.max(1, task.workerHint()), resumeFrom,
                whole -> cache.nameInCommon(task, whole), listener(task, self));
        var attempt = new Attempt(task, number, context, () -> {
            try (AttemptTrace.Marks _ = trace.mark()) {
                return work(task, context, folder);
            }
        });
        self.set(attempt);
        ProcessMemory.resetPeak();
        attempt.start();
        return attempt;
    }

    private End.Returned work(Task task, AttemptContext context, Path folder) throws Exception {
        try (var here = new LocalCopies(copies, (received, all) -> context.progress(0, fetching(received, all)))) {
            places.verify(task.work());
            Work work = here.of(task.work());
            Optional<TaskResult> known = task.fresh() ? Optional.empty() : cache.find(work);
            if (known.isPresent()) {
                return new End.Returned(known.get(), true);
            }
            TaskResult result = call(work, context);
            keep(task, work, result);
            return new End.Returned(result, false);
        } finally {
            Scratch.delete(folder);
        }
    }

    private static String fetching(long received, long all) {
        return String.format(Locale.ROOT, "fetched %.1f of %.1f MB", received / 1e6, all / 1e6);
    }

    @SuppressWarnings("unchecked") // handle() pairs them
    private TaskResult call(Work work, TaskContext context) throws Exception {
        var handler = (TaskHandler<Work>) handlers.get(work.getClass());
        if (handler == null) {
            throw new PermanentFailureException("this worker cannot do " + work.getClass().getSimpleName());
        }
        return handler.run(work, context);
    }

    /** Without the cache it goes on, only slower. */
    private void keep(Task task, Work work, TaskResult result) {
        try {
            cache.keep(work, result);
            checkpoints.forget(task);
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("task", task.id()).setCause(e).log("result not cached");
        }
    }

    private AttemptContext.Listener listener(Task task, AtomicReference<Attempt> self) {
        StageName stage = task.stage();
        return new AttemptContext.Listener() {
            @Override
            public void progressed() {
                reporter.progress(self.get());
            }

            @Override
            public void tokens(long count) {
                metrics.tokens(stage, count);
            }

            @Override
            public void checkpointed(ArtifactRef checkpoint) {
                try {
                    checkpoints.keep(task, checkpoint);
                } catch (IOException e) {
                    LOG.atWarn().addKeyValue("task", task.id()).setCause(e).log("checkpoint not remembered");
                }
            }
        };
    }
}
