package io.espalier.gpu.recover;

import io.espalier.pruning.recovery.TrainingWatch;
import io.espalier.worker.task.TaskContext;
import java.io.IOException;
import java.nio.file.Path;

/** A training run as its task shows it; checkpoints go to the artifact store. */
record TaskWatch(TaskContext context) implements TrainingWatch {
    @Override
    public void progress(double done, String line) throws InterruptedException {
        context.progress(done, line);
    }

    @Override
    public void tokens(long count) {
        context.tokens(count);
    }

    @Override
    public boolean stopping() {
        return context.stopping();
    }

    @Override
    public void checkpoint(Path folder) throws IOException {
        context.checkpoint(context.artifacts().putTree(folder));
    }
}
