package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Input;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;

/** What a record asks for. */
sealed interface Routed {
    /** An input of a job of this partition. */
    record Here(JobId job, Input input) implements Routed {}

    /** A command about a job of another partition, or one part of a sweep: to be sent there. */
    record Elsewhere(Command command) implements Routed {}
}
