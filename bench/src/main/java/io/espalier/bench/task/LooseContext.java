package io.espalier.bench.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.model.weights.ContentDigest;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.worker.task.HandedOn;
import io.espalier.worker.task.TaskContext;
import java.nio.file.Path;
import java.util.Optional;

/** A first attempt that nobody stops and nobody listens to. */
record LooseContext(ArtifactStore artifacts, Path scratch, Beats beats) implements TaskContext {
    @Override
    public int microBatchDivisor() {
        return 1;
    }

    @Override
    public void progress(double ratio, String message) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    @Override
    public void tokens(long count) {
        beats.tokens(count);
    }

    @Override
    public HandedOn handedOn(Work whole) {
        return new HandedOn(artifacts, ContentDigest.ofBytes(Json.canonical(whole)));
    }

    @Override
    public Optional<ArtifactRef> resumeFrom() {
        return Optional.empty();
    }

    @Override
    public void checkpoint(ArtifactRef checkpoint) {
        // no successor
    }

    @Override
    public boolean stopping() {
        return false;
    }
}
