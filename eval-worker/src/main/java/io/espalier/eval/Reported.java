package io.espalier.eval;

import io.espalier.evaluation.Progress;
import io.espalier.worker.task.TaskContext;

/** Passes the progress of an evaluation to its task. */
record Reported(TaskContext context, String message) implements Progress {
    @Override
    public void advanced(double ratio, long tokens) throws InterruptedException {
        if (tokens > 0) {
            context.tokens(tokens);
        }
        context.progress(ratio, message);
    }
}
