package io.espalier.scoring;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.worker.task.TaskContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps what a handler says; interrupts it, or calls it away, where that shall be. */
final class FakeContext implements TaskContext {
    private final ArtifactStore artifacts;
    private final Path scratch;
    private final double interruptedFrom;
    private final List<ArtifactRef> checkpoints = new ArrayList<>();
    private ArtifactRef resumeFrom;
    private double calledAwayFrom = Double.MAX_VALUE;
    private boolean sawStopping;
    private double ratio;
    private double firstRatio = Double.NaN;
    private long tokens;

    FakeContext(ArtifactStore artifacts, Path scratch, double interruptedFrom) {
        this.artifacts = artifacts;
        this.scratch = scratch;
        this.interruptedFrom = interruptedFrom;
    }

    FakeContext resumingFrom(ArtifactRef checkpoint) {
        resumeFrom = checkpoint;
        return this;
    }

    /** From this share on its worker must go: the handler has time for a checkpoint. */
    FakeContext calledAwayFrom(double share) {
        calledAwayFrom = share;
        return this;
    }

    List<ArtifactRef> checkpoints() {
        return checkpoints;
    }

    double ratio() {
        return ratio;
    }

    /** How far it was when it first said so. */
    double firstRatio() {
        return firstRatio;
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
        firstRatio = Double.isNaN(firstRatio) ? now : firstRatio;
        if (sawStopping) {
            throw new InterruptedException("called away");
        }
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
        return Optional.ofNullable(resumeFrom);
    }

    @Override
    public void checkpoint(ArtifactRef checkpoint) {
        checkpoints.add(checkpoint);
    }

    @Override
    public boolean stopping() {
        sawStopping = ratio >= calledAwayFrom;
        return sawStopping;
    }
}
