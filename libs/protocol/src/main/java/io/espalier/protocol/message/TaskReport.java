package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/** What a worker says about one attempt at a task. Topic {@code espalier.reports}, keyed by job. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = TaskReport.Started.class, name = "started"),
    @JsonSubTypes.Type(value = TaskReport.Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = TaskReport.Succeeded.class, name = "succeeded"),
    @JsonSubTypes.Type(value = TaskReport.Failed.class, name = "failed")})
public sealed interface TaskReport {
    TaskId task();

    int attempt();

    WorkerId worker();

    Instant at();

    /**
     * An attempt began.
     *
     * @param environment {@code device, threads, engine, versions} of the worker, for the report; may be null
     */
    record Started(TaskId task, int attempt, WorkerId worker, Instant at, ObjectNode environment)
            implements
                TaskReport {}

    /**
     * An attempt goes on.
     *
     * @param ratio      share done, 0 to 1
     * @param tokens     tokens worked on so far
     * @param message    one line for people, may be null
     * @param checkpoint where a successor would go on from, null where there is none yet
     */
    record Progress(TaskId task, int attempt, WorkerId worker, Instant at, double ratio, long tokens, String message,
            ArtifactRef checkpoint) implements TaskReport {}

    /**
     * An attempt is done.
     *
     * @param outputs   artifacts by name, see {@link Work}
     * @param facts     small results, see {@link Work}
     * @param usage     what it took
     * @param fromCache whether an earlier task with equal work gave the answer
     */
    record Succeeded(TaskId task, int attempt, WorkerId worker, Instant at, Map<String, ArtifactRef> outputs,
            ObjectNode facts, Usage usage, boolean fromCache) implements TaskReport {
        public Succeeded {
            outputs = Map.copyOf(outputs);
            Objects.requireNonNull(facts, "facts");
        }
    }

    /**
     * An attempt came to nothing.
     *
     * @param message one clear sentence for the user
     * @param detail  stack trace or other detail for operators, may be null
     */
    record Failed(TaskId task, int attempt, WorkerId worker, Instant at, FailureKind kind, String message,
            String detail, ArtifactRef checkpoint) implements TaskReport {
        public Failed {
            Objects.requireNonNull(kind, "kind");
        }
    }

    /**
     * @param busySeconds     wall time of the attempt
     * @param tokens          tokens worked on
     * @param peakMemoryBytes peak resident memory of the worker process during the attempt
     */
    record Usage(double busySeconds, long tokens, long peakMemoryBytes) {}
}
