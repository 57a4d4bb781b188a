package io.espalier.coordinator.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobEstimate;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.StageState;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.topic.Json;
import java.time.Instant;

/**
 * A job as one line of a list: some three hundred bytes, where a whole snapshot may have tens of thousands.
 *
 * @param stage     that is open; null where none is
 * @param workers   at work on it
 * @param error     why the job failed, null if it did not
 * @param remaining seconds it is likely to take yet; null where nothing tells
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobSummary(JobId id, String name, JobSnapshot.State state, long revision, double progress,
        Instant submittedAt, Instant updatedAt, Instant endedAt, String model, String method, JsonNode target,
        StageName stage, int workers, String error, JobEstimate.Range remaining) {
    static JobSummary of(JobSnapshot job) {
        JobSnapshot.Stage open = job.stages().stream().filter(stage -> stage.state() == StageState.RUNNING).findFirst()
                .orElse(null);
        return new JobSummary(job.id(), job.name(), job.state(), job.revision(), job.progress(), job.submittedAt(),
                job.updatedAt(), job.endedAt(), job.request().model(), job.request().method().name(), Json.events()
                        .valueToTree(job.request().target()),
                open == null ? null : open.stage(), open == null ? 0 : open.running().size(), job.error() == null
                        ? null
                        : job.error().message(),
                null);
    }

    JobSummary with(JobEstimate estimate) {
        return new JobSummary(id, name, state, revision, progress, submittedAt, updatedAt, endedAt, model, method,
                target, stage, workers, error, estimate.remaining());
    }
}
