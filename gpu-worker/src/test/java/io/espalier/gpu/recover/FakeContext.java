package io.espalier.gpu.recover;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.worker.task.TaskContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A context whose worker dies when training has come to a step. */
final class FakeContext implements TaskContext {
    private final ArtifactStore artifacts;
    private final Path scratch;
    private final ArtifactRef resumeFrom;
    private final String diesAt;
    private final List<ArtifactRef> checkpoints = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private long tokens;

    /** @param diesAt start of the progress line at which it is interrupted; null for never */
    FakeContext(ArtifactStore artifacts, Path scratch, ArtifactRef resumeFrom, String diesAt) throws IOException {
        this.artifacts = artifacts;
        this.scratch = Files.createTempDirectory(scratch, "attempt");
        this.resumeFrom = resumeFrom;
        this.diesAt = diesAt;
    }

    ArtifactRef lastCheckpoint() {
        return checkpoints.getLast();
    }

    List<String> messages() {
        return messages;
    }

    long tokensCounted() {
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
    public void progress(double ratio, String message) throws InterruptedException {
        messages.add(message);
        if (diesAt != null && message.startsWith(diesAt)) {
            throw new InterruptedException("killed");
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
        return false;
    }
}
