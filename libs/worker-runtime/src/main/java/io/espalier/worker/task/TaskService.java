package io.espalier.worker.task;

import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Control.Wish;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.Task;
import io.espalier.worker.metrics.ProcessMemory;
import io.espalier.worker.metrics.WorkerMetrics;
import io.espalier.worker.task.Attempt.End;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one task from the moment it was taken until it is settled. Whatever is said about it is said before it is
 * acknowledged; a worker that dies in between lets it be done twice, never lost.
 */
final class TaskService {
    private static final Logger LOG = LoggerFactory.getLogger(TaskService.class);
    private static final Duration TICK = Duration.ofMillis(100);
    /** What a handler may take to checkpoint when its job is paused. */
    private static final Duration HOLD_GRACE = Duration.ofSeconds(4);
    /** What an interrupted handler may take to end before a stopping worker leaves it behind. */
    private static final Duration ABANDON_AFTER = Duration.ofSeconds(5);

    private final WorkerConfig config;
    private final Tracing tracing;
    private final TaskQueue queue;
    private final Wishes wishes;
    private final Reporter reporter;
    private final AttemptStarter starter;
    private final WorkerMetrics metrics;
    private final BooleanSupplier draining;

    TaskService(WorkerConfig config, Tracing tracing, TaskQueue queue, Wishes wishes, Reporter reporter,
            AttemptStarter starter, WorkerMetrics metrics, BooleanSupplier draining) {
        this.config = config;
        this.tracing = tracing;
        this.queue = queue;
        this.wishes = wishes;
        this.reporter = reporter;
        this.starter = starter;
        this.metrics = metrics;
        this.draining = draining;
    }

    void serve(ConsumerRecord<String, byte[]> record) throws InterruptedException {
        try {
            Task task = EventCodec.decode(record, Task.class);
            int number = task.attempt() + record.deliveryCount().orElse((short) 1) - 1;
            Wish wish = wishes.about(task);
            if (wish != Wish.RUN) {
                drop(task, number, wish);
            } else if (draining.getAsBoolean()) {
                queue.settle(AcknowledgeType.RELEASE);
            } else {
                work(record, task, number);
            }
        } catch (UnreadableEventException e) {
            bury(record, e);
        } catch (ExecutionException e) { // took a while: nobody spins here while the broker is away
            LOG.atWarn().addKeyValue("offset", record.offset()).setCause(e).log("task given back");
            queue.settle(AcknowledgeType.RELEASE);
        }
    }

    /** A held job's task is published again when the job is resumed, if the coordinator knows that it left the queue. */
    private void drop(Task task, int number, Wish wish) throws ExecutionException, InterruptedException {
        LOG.atInfo().addKeyValue("job", task.id().job()).addKeyValue("task", task.id()).addKeyValue("wish", wish)
                .log("task dropped");
        if (wish == Wish.HOLD) {
            reporter.held(task, number);
        }
        queue.settle(AcknowledgeType.ACCEPT);
    }

    private void bury(ConsumerRecord<String, byte[]> record, UnreadableEventException why)
            throws InterruptedException {
        LOG.atError().addKeyValue("offset", record.offset()).addKeyValue("reason", why.getMessage())
                .log("not a task: moved to the dead letters");
        try {
            reporter.dead(record, why);
            queue.settle(AcknowledgeType.ACCEPT);
        } catch (ExecutionException e) {
            queue.settle(AcknowledgeType.REJECT); // the broker buries it then, without our reason
        }
    }

    private void work(ConsumerRecord<String, byte[]> record, Task task, int number)
            throws ExecutionException, InterruptedException {
        AttemptTrace trace = AttemptTrace.start(tracing, config.id(), task, number, record.headers());
        try (AttemptTrace.Marks _ = trace.mark()) {
            Attempt attempt;
            try {
                attempt = starter.start(task, number, trace);
            } catch (IOException e) {
                trace.failed(e);
                failed(task, number, Failures.kindOf(e), e, null);
                return;
            }
            metrics.attemptStarted(task.stage(), Duration.between(task.publishedAt(), Instant.now()));
            reporter.started(attempt);
            LOG.atInfo().log("attempt started");
            Outcome outcome = Outcome.FAILED;
            try {
                supervise(attempt);
                outcome = conclude(attempt);
            } finally {
                metrics.attemptEnded(task.stage(), outcome, attempt.took());
                trace.ended(attempt, outcome);
                LOG.atInfo().addKeyValue("outcome", outcome.label())
                        .addKeyValue("seconds", attempt.took().toMillis() / 1000.0).log("attempt ended");
            }
        }
    }

    private void supervise(Attempt attempt) throws InterruptedException {
        long heartbeat = System.nanoTime();
        var patience = new Patience();
        while (!attempt.await(TICK)) {
            if (attempt.context().stopReason().orElse(null) != StopReason.LEASE_LOST && !queue.keep()) {
                attempt.stop(StopReason.LEASE_LOST);
            }
            obey(attempt);
            if (patience.isOver(attempt)) {
                return;
            }
            if (System.nanoTime() - heartbeat >= config.lease().dividedBy(3).toNanos()) {
                heartbeat = System.nanoTime();
                reporter.progress(attempt);
            }
        }
    }

    private void obey(Attempt attempt) {
        switch (wishes.about(attempt.task())) {
            case STOP -> attempt.stop(StopReason.CANCELLED);
            case HOLD -> attempt.stop(StopReason.HELD);
            case RUN -> {
                if (draining.getAsBoolean()) {
                    attempt.stop(StopReason.DRAINED);
                }
            }
        }
    }

    /** How long a handler that was asked to end may take. */
    private final class Patience {
        private long askedAt;
        private boolean interrupted;

        /** Interrupts a handler after its grace; true when a stopping worker must leave it behind. */
        boolean isOver(Attempt attempt) {
            Optional<StopReason> reason = attempt.context().stopReason();
            if (reason.isEmpty()) {
                return false;
            }
            if (askedAt == 0) {
                askedAt = System.nanoTime();
            }
            Duration grace = switch (reason.get()) {
                case DRAINED -> config.drain();
                case HELD -> HOLD_GRACE;
                case CANCELLED, LEASE_LOST -> Duration.ZERO;
            };
            Duration waited = Duration.ofNanos(System.nanoTime() - askedAt);
            if (!interrupted && waited.compareTo(grace) >= 0) {
                interrupted = true;
                attempt.interrupt();
            }
            return draining.getAsBoolean() && waited.compareTo(grace.plus(ABANDON_AFTER)) >= 0;
        }
    }

    private Outcome conclude(Attempt attempt) throws ExecutionException, InterruptedException {
        Optional<StopReason> reason = attempt.context().stopReason();
        return switch (attempt.end()) {
            case End.Returned end when reason.orElse(null) != StopReason.CANCELLED -> succeeded(attempt, end);
            case End.Returned end -> stopped(attempt, StopReason.CANCELLED, new InterruptedException("cancelled"));
            case End.Threw end when reason.isPresent() -> stopped(attempt, reason.get(), end.failure());
            case End.Threw end -> failed(attempt, Failures.kindOf(end.failure()), end.failure());
        };
    }

    private Outcome succeeded(Attempt attempt, End.Returned end) throws ExecutionException, InterruptedException {
        try {
            reporter.succeeded(attempt, end.result(), end.fromCache(), ProcessMemory.peak());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                return failed(attempt, FailureKind.PERMANENT, e.getCause());
            }
            throw e;
        }
        queue.settle(AcknowledgeType.ACCEPT);
        return end.fromCache() ? Outcome.CACHED : Outcome.SUCCEEDED;
    }

    private Outcome failed(Attempt attempt, FailureKind kind, Throwable failure)
            throws ExecutionException, InterruptedException {
        failed(attempt.task(), attempt.number(), kind, failure, attempt.context().checkpoint());
        return Outcome.FAILED;
    }

    private void failed(Task task, int number, FailureKind kind, Throwable failure, ArtifactRef checkpoint)
            throws ExecutionException, InterruptedException {
        LOG.atWarn().addKeyValue("task", task.id()).addKeyValue("kind", kind)
                .setCause(kind == FailureKind.PERMANENT ? null : failure).log(Failures.messageOf(failure));
        reporter.failed(task, number, kind, failure, checkpoint);
        queue.settle(AcknowledgeType.ACCEPT); // the coordinator publishes it again, after a pause and if it may
    }

    /**
     * A held job's task is published again when the job is resumed, a drained one at once: the broker must not hand it on
     * by itself, because it counts deliveries and would bury a task whose workers were called away too often.
     */
    private Outcome stopped(Attempt attempt, StopReason reason, Throwable end)
            throws ExecutionException, InterruptedException {
        if (reason.checkpointFirst()) {
            reporter.failed(attempt.task(), attempt.number(), reason == StopReason.HELD
                    ? FailureKind.HELD
                    : FailureKind.DRAINED, end, attempt.context().checkpoint());
        }
        switch (reason) {
            case CANCELLED, HELD, DRAINED -> queue.settle(AcknowledgeType.ACCEPT);
            case LEASE_LOST -> queue.forget();
        }
        return reason.outcome();
    }
}
