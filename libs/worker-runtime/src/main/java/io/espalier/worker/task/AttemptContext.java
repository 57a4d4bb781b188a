package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What one attempt knows of itself. The handler's thread writes it, the worker's thread reads it and may ask it to stop.
 *
 * <p>A stop that leaves time for a checkpoint makes {@link #stopping} true. A handler that asks {@code stopping()} is
 * interrupted by the {@link #progress} after it has seen the answer; one that never asks, by its next progress.
 */
final class AttemptContext implements TaskContext {
    /** Hears what the handler says. */
    interface Listener {
        void progressed();

        void tokens(long count);

        void checkpointed(ArtifactRef checkpoint);
    }

    /** The last word of the handler on how far it is. */
    record Progress(double ratio, String message) {}

    /** Names work that tasks have in common. */
    @FunctionalInterface
    interface Naming {
        String of(Work whole) throws IOException;
    }

    private static final long REPORT_EVERY = Duration.ofSeconds(1).toNanos();

    private final ArtifactStore artifacts;
    private final Path scratch;
    private final int microBatchDivisor;
    private final ArtifactRef resumeFrom;
    private final Naming naming;
    private final Listener listener;

    private final AtomicReference<StopReason> stop = new AtomicReference<>();
    private final AtomicLong tokens = new AtomicLong();
    private volatile Progress progress = new Progress(0, null);
    private volatile ArtifactRef checkpoint;
    private volatile boolean asksStopping;
    private volatile boolean sawStopping;
    private long reportedAt = System.nanoTime() - REPORT_EVERY;

    AttemptContext(ArtifactStore artifacts, Path scratch, int microBatchDivisor, ArtifactRef resumeFrom,
            Naming naming, Listener listener) {
        this.artifacts = artifacts;
        this.scratch = scratch;
        this.microBatchDivisor = microBatchDivisor;
        this.resumeFrom = resumeFrom;
        this.checkpoint = resumeFrom;
        this.naming = naming;
        this.listener = listener;
    }

    @Override
    public ArtifactStore artifacts() {
        return artifacts;
    }

    @Override
    public Path scratch() {
        return scratch;
    }

    @Override
    public int microBatchDivisor() {
        return microBatchDivisor;
    }

    @Override
    public void progress(double ratio, String message) throws InterruptedException {
        progress = new Progress(Math.clamp(ratio, 0, 1), message);
        StopReason reason = stop.get();
        if (Thread.interrupted() || reason != null && mayInterrupt(reason)) {
            throw new InterruptedException("attempt ended: " + reason);
        }
        long now = System.nanoTime();
        if (now - reportedAt >= REPORT_EVERY) {
            reportedAt = now;
            listener.progressed();
        }
    }

    private boolean mayInterrupt(StopReason reason) {
        return !reason.checkpointFirst() || sawStopping || !asksStopping;
    }

    @Override
    public void tokens(long count) {
        tokens.addAndGet(count);
        listener.tokens(count);
    }

    @Override
    public HandedOn handedOn(Work whole) throws IOException {
        return new HandedOn(artifacts, naming.of(whole));
    }

    @Override
    public Optional<ArtifactRef> resumeFrom() {
        return Optional.ofNullable(resumeFrom);
    }

    @Override
    public void checkpoint(ArtifactRef latest) {
        checkpoint = latest;
        listener.checkpointed(latest);
        listener.progressed();
    }

    @Override
    public boolean stopping() {
        asksStopping = true;
        sawStopping = stop.get() != null;
        return sawStopping;
    }

    /** Asks the handler to end; the first reason stays, unless a later one leaves no time for a checkpoint. */
    void stop(StopReason reason) {
        stop.accumulateAndGet(reason,
                (before, now) -> before == null || before.checkpointFirst() && !now.checkpointFirst() ? now : before);
    }

    Optional<StopReason> stopReason() {
        return Optional.ofNullable(stop.get());
    }

    Progress latest() {
        return progress;
    }

    long tokens() {
        return tokens.get();
    }

    ArtifactRef checkpoint() {
        return checkpoint;
    }
}
