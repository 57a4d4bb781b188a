package io.espalier.worker.task;

import io.espalier.protocol.message.Task;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One try of a task: a handler at work on a thread of its own. */
final class Attempt {
    /** How the handler's call ended. */
    sealed interface End {
        record Returned(TaskResult result, boolean fromCache) implements End {}

        record Threw(Throwable failure) implements End {}
    }

    private final Task task;
    private final int number;
    private final AttemptContext context;
    private final long startedAt = System.nanoTime();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile End end;

    Attempt(Task task, int number, AttemptContext context, Callable<End.Returned> work) {
        this.task = task;
        this.number = number;
        this.context = context;
        this.thread = Thread.ofPlatform().daemon().name("task-" + task.id()).unstarted(() -> call(work));
    }

    void start() {
        thread.start();
    }

    /** Everything that a handler may throw ends here: this is the edge. */
    private void call(Callable<End.Returned> work) {
        try {
            end = work.call();
        } catch (Throwable e) {
            end = new End.Threw(e);
        } finally {
            ended.countDown();
        }
    }

    /** Whether it ended within a time. */
    boolean await(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    boolean hasEnded() {
        return end != null;
    }

    /** @throws IllegalStateException if it goes on */
    End end() {
        if (end == null) {
            throw new IllegalStateException("attempt " + number + " of " + task.id() + " goes on");
        }
        return end;
    }

    /** Asks it to end; without time for a checkpoint, a blocking call is interrupted. */
    void stop(StopReason reason) {
        context.stop(reason);
        if (!reason.checkpointFirst()) {
            interrupt();
        }
    }

    /** For a handler that was asked to end and did not. */
    void interrupt() {
        thread.interrupt();
    }

    Task task() {
        return task;
    }

    int number() {
        return number;
    }

    AttemptContext context() {
        return context;
    }

    Duration took() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }
}
