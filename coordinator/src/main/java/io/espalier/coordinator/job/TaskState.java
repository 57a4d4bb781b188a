package io.espalier.coordinator.job;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.TaskReport;
import java.time.Instant;
import java.util.Map;

/** Where a task stands. {@code attempt} is the number of the attempt that is published, under way or to come next. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = TaskState.Queued.class, name = "queued"),
    @JsonSubTypes.Type(value = TaskState.Working.class, name = "working"),
    @JsonSubTypes.Type(value = TaskState.Waiting.class, name = "waiting"),
    @JsonSubTypes.Type(value = TaskState.Done.class, name = "done")})
public sealed interface TaskState {
    int attempt();

    /**
     * Published; nobody has started it yet.
     *
     * @param since when it could first be started
     */
    record Queued(int attempt, @JsonAlias("publishedAt") Instant since) implements TaskState {}

    /**
     * A worker is at it.
     *
     * @param heardAt when the worker last said something
     * @param ratio   share done, 0 to 1
     */
    record Working(int attempt, WorkerId worker, Instant startedAt, Instant heardAt, double ratio, long tokens,
            String message) implements TaskState {
        Working heard(Instant at, double ratio, long tokens, String message) {
            return new Working(attempt, worker, startedAt, at, ratio, tokens, message);
        }
    }

    /**
     * Not published: it is not its turn yet, or its last attempt came to nothing.
     *
     * @param attempt the next one
     * @param until   when it may be published, once the job runs
     */
    record Waiting(int attempt, Instant until) implements TaskState {}

    /** @param attempt the one that succeeded */
    record Done(int attempt, Map<String, ArtifactRef> outputs, ObjectNode facts, TaskReport.Usage usage,
            boolean fromCache) implements TaskState {
        public Done {
            outputs = Map.copyOf(outputs);
        }
    }
}
