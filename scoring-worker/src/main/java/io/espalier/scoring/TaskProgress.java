package io.espalier.scoring;

import io.espalier.pruning.method.Progress;
import io.espalier.worker.task.TaskContext;

/** A method's progress as that of its task. */
record TaskProgress(TaskContext context) implements Progress {
    @Override
    public void at(double done, String message) throws InterruptedException {
        context.progress(done, message);
    }

    @Override
    public void tokens(long count) {
        context.tokens(count);
    }
}
