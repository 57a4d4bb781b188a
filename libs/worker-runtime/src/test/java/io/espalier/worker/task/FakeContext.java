package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a handler runs in while it is tested: keeps what it says; interrupts it, or calls it away, where that shall be. Of
 * the first attempt at a task, unless told otherwise.
 */
public final class FakeContext implements TaskContext {
    private final ArtifactStore artifacts;
    private final Path scratch;
    private final List<ArtifactRef> checkpoints = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private int microBatchDivisor = 1;
    private ArtifactRef resumeFrom;
    private double interruptedFrom = Double.MAX_VALUE;
    private String interruptedAt;
    private double calledAwayFrom = Double.MAX_VALUE;
    private boolean sawStopping;
    private double ratio;
    private double firstRatio = Double.NaN;
    private long tokens;

    /** @param scratch a folder that the handler may fill */
    public FakeContext(ArtifactStore artifacts, Path scratch) {
        this.artifacts = artifacts;
        this.scratch = scratch;
    }

    public FakeContext withMicroBatchDivisor(int divisor) {
        microBatchDivisor = divisor;
        return this;
    }

    public FakeContext resumingFrom(ArtifactRef checkpoint) {
        resumeFrom = checkpoint;
        return this;
    }

    /** From this share on its job is cancelled. */
    public FakeContext interruptedFrom(double share) {
        interruptedFrom = share;
        return this;
    }

    /** Its job is cancelled when it says a line that starts so. */
    public FakeContext interruptedAt(String message) {
        interruptedAt = message;
        return this;
    }

    /** From this share on its worker must go: the handler has time for a checkpoint. */
    public FakeContext calledAwayFrom(double share) {
        calledAwayFrom = share;
        return this;
    }

    public List<ArtifactRef> checkpoints() {
        return checkpoints;
    }

    /** Lines of its progress, null where it said none. */
    public List<String> messages() {
        return messages;
    }

    /** How far it said to be last. */
    public double ratio() {
        return ratio;
    }

    /** How far it was when it first said so. */
    public double firstRatio() {
        return firstRatio;
    }

    /** Sum of what it counted. */
    public long tokens() {
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
        return microBatchDivisor;
    }

    @Override
    public void progress(double now, String message) throws InterruptedException {
        ratio = now;
        firstRatio = Double.isNaN(firstRatio) ? now : firstRatio;
        messages.add(message);
        if (sawStopping) {
            throw new InterruptedException("called away");
        }
        if (now >= interruptedFrom || interruptedAt != null && message != null && message.startsWith(interruptedAt)) {
            throw new InterruptedException("cancelled");
        }
    }

    @Override
    public void tokens(long count) {
        tokens += count;
    }

    @Override
    public HandedOn handedOn(Work whole) {
        return new HandedOn(artifacts, new WorkKey("test").ofTask("job", whole));
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
