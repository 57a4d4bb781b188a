package io.espalier.protocol.topic;

import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import java.util.Arrays;
import java.util.Optional;

/** The CloudEvents type of each message that travels in a topic: what stands in the header {@code ce_type}. */
public enum EventType {
    // @formatter:off
    PRUNING_REQUESTED("io.espalier.pruning.requested.v1", Command.Submit.class),
    CANCEL_REQUESTED("io.espalier.cancel.requested.v1", Command.Cancel.class),
    PAUSE_REQUESTED("io.espalier.pause.requested.v1", Command.Pause.class),
    RESUME_REQUESTED("io.espalier.resume.requested.v1", Command.Resume.class),
    RETRY_REQUESTED("io.espalier.retry.requested.v1", Command.Retry.class),
    DELETE_REQUESTED("io.espalier.delete.requested.v1", Command.Delete.class),
    JOB_CHANGED("io.espalier.job.changed.v1", JobSnapshot.class),
    JOB_CONTROLLED("io.espalier.job.controlled.v1", Control.class),
    TASK_PUBLISHED("io.espalier.task.published.v1", Task.class),
    ATTEMPT_STARTED("io.espalier.attempt.started.v1", TaskReport.Started.class),
    ATTEMPT_PROGRESSED("io.espalier.attempt.progressed.v1", TaskReport.Progress.class),
    ATTEMPT_SUCCEEDED("io.espalier.attempt.succeeded.v1", TaskReport.Succeeded.class),
    ATTEMPT_FAILED("io.espalier.attempt.failed.v1", TaskReport.Failed.class);
    // @formatter:on

    private final String typeName;
    private final Class<?> message;

    EventType(String typeName, Class<?> message) {
        this.typeName = typeName;
        this.message = message;
    }

    public String typeName() {
        return typeName;
    }

    public Class<?> message() {
        return message;
    }

    /** @throws IllegalArgumentException if no topic carries such messages */
    public static EventType of(Object message) {
        return Arrays.stream(values()).filter(type -> type.message.isInstance(message)).findFirst().orElseThrow(
                () -> new IllegalArgumentException(message.getClass().getName() + " has no event type"));
    }

    public static Optional<EventType> named(String typeName) {
        return Arrays.stream(values()).filter(type -> type.typeName.equals(typeName)).findFirst();
    }
}
