package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.util.Optional;

/**
 * Answers equal work with the result of an earlier task, of whatever job, as long as all its output artifacts are still
 * in the store.
 */
final class StageCache {
    private static final String PREFIX = "result/";

    private final ArtifactStore artifacts;
    private final WorkKey keys;
    private final boolean enabled;

    StageCache(ArtifactStore artifacts, WorkKey keys, boolean enabled) {
        this.artifacts = artifacts;
        this.keys = keys;
        this.enabled = enabled;
    }

    Optional<TaskResult> find(Work work) throws IOException {
        Optional<String> key = keyOf(work);
        Optional<byte[]> entry = key.isPresent() ? artifacts.entry(key.get()) : Optional.empty();
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        TaskResult result = Json.events().readValue(entry.get(), TaskResult.class);
        for (ArtifactRef output : result.outputs().values()) {
            if (!artifacts.contains(output)) {
                return Optional.empty();
            }
        }
        return Optional.of(result);
    }

    /** Replaces what was there: only a result that lost its artifacts is made anew. */
    void keep(Work work, TaskResult result) throws IOException {
        Optional<String> key = keyOf(work);
        if (key.isPresent()) {
            artifacts.replaceEntry(key.get(), Json.events().writeValueAsBytes(result));
        }
    }

    /** Names work of which a task does a part: alike for equal work, of this job only where results are not shared. */
    String nameInCommon(Task task, Work whole) throws IOException {
        String job = task.id().job().value();
        Optional<String> key = keys.of(whole);
        return key.isEmpty()
                ? keys.ofTask(job, whole)
                : enabled && !task.fresh() ? key.get() : job + "/" + key.get();
    }

    private Optional<String> keyOf(Work work) throws IOException {
        return enabled ? keys.of(work).map(PREFIX::concat) : Optional.empty();
    }
}
