package io.espalier.coordinator.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.espalier.protocol.message.JobSnapshot;
import java.time.Instant;

/** Where a job stands. Each state offers its legal transitions and no others. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = JobState.Running.class, name = "running"),
    @JsonSubTypes.Type(value = JobState.Paused.class, name = "paused"),
    @JsonSubTypes.Type(value = JobState.Succeeded.class, name = "succeeded"),
    @JsonSubTypes.Type(value = JobState.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = JobState.Cancelled.class, name = "cancelled"),
    @JsonSubTypes.Type(value = JobState.Deleted.class, name = "deleted")})
public sealed interface JobState {
    /** Tasks are published as they become possible. */
    record Running() implements JobState {
        Paused pause() {
            return new Paused();
        }

        Succeeded succeed(Instant at) {
            return new Succeeded(at);
        }

        Failed fail(JobSnapshot.Problem problem, Instant at) {
            return new Failed(problem, at);
        }

        Cancelled cancel(Instant at) {
            return new Cancelled(at);
        }
    }

    /** Nothing new is published; attempts that end are remembered. */
    record Paused() implements JobState {
        Running resume() {
            return new Running();
        }

        Failed fail(JobSnapshot.Problem problem, Instant at) {
            return new Failed(problem, at);
        }

        Cancelled cancel(Instant at) {
            return new Cancelled(at);
        }
    }

    /** The result folder is written. */
    record Succeeded(Instant at) implements JobState {
        Deleted delete() {
            return new Deleted();
        }
    }

    /** A task cannot be done; what is done is kept for a retry. */
    record Failed(JobSnapshot.Problem problem, Instant at) implements JobState {
        Running retry() {
            return new Running();
        }

        Deleted delete() {
            return new Deleted();
        }
    }

    /** The user does not want it any more; what is done is kept for a retry. */
    record Cancelled(Instant at) implements JobState {
        Running retry() {
            return new Running();
        }

        Deleted delete() {
            return new Deleted();
        }
    }

    /** Forgotten: nothing is kept. */
    record Deleted() implements JobState {}

    /** Whether tasks may still be done. */
    static boolean isOpen(JobState state) {
        return state instanceof Running || state instanceof Paused;
    }
}
