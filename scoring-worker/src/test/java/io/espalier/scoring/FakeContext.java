package io.espalier.scoring;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.worker.task.TaskContext;
import java.nio.file.Path;
import java.util.Optional;

/** Keeps what a handler says; interrupts it where it shall be. */
final class FakeContext implements TaskContext {
    private final ArtifactStore artifacts;
    private final Path scratch;
    private final double interruptedFrom;
    private double ratio;
    private long tokens;

    FakeContext(ArtifactStore artifacts, Path scratch, double interruptedFrom) {
        this.artifacts = artifacts;
        this.scratch = scratch;
        this.interruptedFrom = interruptedFrom;
    }

    double ratio() {
        return ratio;
    }

    long tokens() {
        return tokens;
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
        return 1;
    }

    @Override
    public void progress(double now, String message) throws InterruptedException {
        ratio = now;
        if (now >= interruptedFrom) {
            throw new InterruptedException("cancelled");
        }
    }

    @Override
    public void tokens(long count) {
        tokens += count;
    }

    @Override
    public Optional<ArtifactRef> resumeFrom() {
        return Optional.empty();
    }

    @Override
    public void checkpoint(ArtifactRef checkpoint) {
        throw new UnsupportedOperationException("scoring is short");
    }

    @Override
    public boolean stopping() {
        return false;
    }
}
