package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.util.Optional;

/**
 * Where each task's last checkpoint is. It stands in the store and not only in reports, because the broker gives a lost
 * worker's task to the next one as it was published, with the checkpoint of that time.
 */
final class Checkpoints {
    private static final String PREFIX = "checkpoint/";

    private final ArtifactStore artifacts;
    private final WorkKey keys;

    Checkpoints(ArtifactStore artifacts, WorkKey keys) {
        this.artifacts = artifacts;
        this.keys = keys;
    }

    /** The newest that is known and still there. */
    Optional<ArtifactRef> find(Task task) throws IOException {
        Optional<byte[]> entry = artifacts.entry(key(task));
        if (entry.isPresent()) {
            ArtifactRef latest = Json.events().readValue(entry.get(), ArtifactRef.class);
            if (artifacts.contains(latest)) {
                return Optional.of(latest);
            }
        }
        return task.checkpoint() != null && artifacts.contains(task.checkpoint())
                ? Optional.of(task.checkpoint())
                : Optional.empty();
    }

    void keep(Task task, ArtifactRef checkpoint) throws IOException {
        artifacts.replaceEntry(key(task), Json.events().writeValueAsBytes(checkpoint));
    }

    void forget(Task task) throws IOException {
        artifacts.deleteEntry(key(task));
    }

    private String key(Task task) {
        return PREFIX + keys.ofTask(task.id().toString(), task.work());
    }
}
