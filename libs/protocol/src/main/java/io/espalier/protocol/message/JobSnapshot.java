package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.request.PruningRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What everyone may know about a job: topic {@code espalier.jobs} (compacted, keyed by job; a tombstone when the job is
 * deleted), {@code GET /api/v1/jobs/{id}}, and the data of every server-sent event.
 *
 * @param revision    rises with every snapshot of the job
 * @param progress    share of the whole job done, 0 to 1; an estimate, stages weighted by what they usually cost
 * @param request     as accepted, defaults filled in
 * @param submission  digest of the accepted request: equal for equal submissions
 * @param endedAt     null while the job has not ended
 * @param error       why the job failed, null if it did not
 * @param facts       what PREPARE found out about the checkpoint, null before
 * @param plan        {@code layers: [{layer, kvGroups, queryHeads, channels}], achieved: {parameters, share},
 *                    importance} (see {@link Work.Rank}), without the long lists of kept units, which stand in
 *                    {@code planArtifact}; null before RANK
 * @param models      {@code parameters, bytes, macs64, perplexity, tasks, mean, fidelity, cost} of each model as far as
 *                    measured
 * @param protocols   what makes those figures comparable: {@code perplexity.<name>@<length>} and {@code tasks.<name>}
 *                    with digests of text and tokenizer, BOS rule, dtype, versions; null before the first is measured
 * @param recovery    facts of RECOVER ({@code accepted, validationBefore, validationAfter, losses}), null without it
 * @param search      of an iterative method {@code generations: [{round, values}]}, what was measured of each round's
 *                    candidates, low is good; long rounds are thinned; null for other methods
 * @param exports     what REPORT has written, as in report.json, null before
 * @param environment {@code device, threads, engine, versions} of the worker that measured, null before
 * @param timeline    the latest events, oldest first, at most {@link #TIMELINE_LENGTH}
 * @param artifacts   every artifact that the job still needs; what no job names may be collected
 * @param estimate    how long it is likely to take, only in answers of a coordinator about open jobs; otherwise null
 * @param queue       where it stands while it waits for a worker, null otherwise; filled in when somebody asks, because
 *                    it depends on the other jobs
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record JobSnapshot(JobId id, String name, State state, long revision, double progress, Instant submittedAt,
        Instant updatedAt, Instant endedAt, PruningRequest request, String submission, List<Stage> stages,
        Problem error, ModelFacts facts, ObjectNode plan, ArtifactRef planArtifact, Map<Subject, ObjectNode> models,
        ObjectNode protocols, ObjectNode recovery, ObjectNode search, ArrayNode exports, ObjectNode environment,
        List<Moment> timeline,
        List<ArtifactRef> artifacts, JobEstimate estimate, Queue queue) {
    public static final int TIMELINE_LENGTH = 40;

    public JobSnapshot {
        stages = List.copyOf(stages);
        models = Map.copyOf(models);
        timeline = List.copyOf(timeline);
        artifacts = List.copyOf(artifacts);
    }

    public JobSnapshot with(JobEstimate estimate) {
        return new JobSnapshot(id, name, state, revision, progress, submittedAt, updatedAt, endedAt, request,
                submission, stages, error, facts, plan, planArtifact, models, protocols, recovery, search, exports,
                environment,
                timeline, artifacts, estimate, queue);
    }

    public JobSnapshot withQueue(Queue place) {
        return new JobSnapshot(id, name, state, revision, progress, submittedAt, updatedAt, endedAt, request,
                submission, stages, error, facts, plan, planArtifact, models, protocols, recovery, search, exports,
                environment,
                timeline, artifacts, estimate, place);
    }

    /**
     * A job of which no task is under way.
     *
     * @param kind           the workers it waits for
     * @param position       among the jobs that wait for them, from 1
     * @param tasksAhead     tasks that are likely to be started before its own
     * @param estimatedStart from what such tasks took so far, null if nothing is known yet or nobody works
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Queue(WorkerKind kind, int position, int tasksAhead, Instant estimatedStart) {}

    /** Where a job stands. */
    public enum State {
        RUNNING, PAUSED, SUCCEEDED, FAILED, CANCELLED;

        public boolean ended() {
            return this == SUCCEEDED || this == FAILED || this == CANCELLED;
        }
    }

    /** Where a stage stands. */
    public enum StageState {
        WAITING, RUNNING, DONE
    }

    /**
     * One step of the job.
     *
     * @param step          step of an iterative pruning, from 1
     * @param round         current round of an iterative stage, from 0
     * @param tasks         tasks opened so far, of all rounds
     * @param done          how many of them are done
     * @param attempts      attempts started at them
     * @param progress      0 to 1
     * @param queuedSeconds sum over tasks: from publication to start of the attempt
     * @param busySeconds   sum over done tasks: wall time of the attempt that succeeded
     * @param wallSeconds   from opening to closing, or to now
     * @param fromCache     whether every done task was answered by an earlier equal one
     * @param running       attempts under way
     * @param note          something a reader should know, or null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Stage(StageName stage, int step, StageState state, int round, int tasks, int done, int attempts,
            double progress, double queuedSeconds, double busySeconds, double wallSeconds, boolean fromCache,
            long tokens, long peakMemoryBytes, Instant openedAt, Instant closedAt, List<Attempt> running,
            String note) {
        public Stage {
            running = List.copyOf(running);
        }
    }

    /** An attempt under way; {@code message} is one line for people, or null. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Attempt(TaskId task, int attempt, WorkerId worker, Instant startedAt, double progress, long tokens,
            String message) {}

    /**
     * Why a job failed.
     *
     * @param message one clear sentence
     * @param detail  for operators, or null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Problem(String message, String detail, StageName stage, TaskId task) {}

    /**
     * One thing that happened.
     *
     * @param type    for example {@code stage-opened}
     * @param message one line for people
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Moment(Instant at, String type, String message) {}
}
