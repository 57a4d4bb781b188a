package io.espalier.protocol.message;

import io.espalier.protocol.id.TaskId;
import java.time.Instant;

/**
 * One unit of a stage's work. Topics {@code espalier.tasks.*}, keyed by job.
 *
 * @param attempt    number of the first attempt that this record stands for: 1, or more when the coordinator has
 *                   published the task again; a redelivery by the broker counts on from it
 * @param workerHint sizes that a handler may obey after a failure: {@code microBatch} divisor, 1 at first
 * @param checkpoint where the next attempt goes on from, null at first
 * @param fresh      whether the work is to be done even if an earlier equal task has the answer
 */
public record Task(TaskId id, StageName stage, Work work, int attempt, int workerHint, ArtifactRef checkpoint,
        Instant publishedAt, boolean fresh) {
    public Task {
        if (attempt < 1) {
            throw new IllegalArgumentException("attempt " + attempt + " of task " + id + ": attempts count from 1");
        }
    }
}
