package io.espalier.worker.task;

import io.espalier.protocol.message.Work;

/** Does one kind of work. A handler is called by one thread at a time. */
@FunctionalInterface
public interface TaskHandler<W extends Work> {
    /**
     * @throws io.espalier.worker.task.PermanentFailureException what would fail anywhere: bad input
     * @throws InterruptedException when {@link TaskContext#progress} found the
     *         task cancelled or the worker told to stop
     * @throws Exception anything else is tried again elsewhere
     */
    TaskResult run(W work, TaskContext context) throws Exception;
}
