package io.espalier.bench.soak;

import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.WorkerProcess;
import java.util.Locale;
import java.util.Map;

/**
 * A worker process as any other (queue, lease, reports, checkpoints, cache, drain), but for its work, which is made up: it
 * takes a fraction of a second and no tensor engine. Argument: the kind.
 */
public final class ToyWorker {
    private ToyWorker() {}

    public static void main(String[] args) {
        WorkerKind kind = WorkerKind.valueOf(args[0].toUpperCase(Locale.ROOT));
        WorkerProcess.run(kind, (worker, config) -> {
            worker.describe("cpu", 1, "none", Map.of());
            worker.handle(Work.Prepare.class, new ToyHandler<>());
            worker.handle(Work.Score.class, new ToyHandler<>());
            worker.handle(Work.Rank.class, new ToyHandler<>());
            worker.handle(Work.Slice.class, new ToyHandler<>());
            worker.handle(Work.Perplexity.class, new ToyHandler<>());
            worker.handle(Work.Fidelity.class, new ToyHandler<>());
            worker.handle(Work.Export.class, new ToyHandler<>());
        });
    }
}
