package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.id.JobId;

/** What anyone may publish on {@code espalier.requests}, keyed by job. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Command.Submit.class, name = "submit"),
    @JsonSubTypes.Type(value = Command.Cancel.class, name = "cancel"),
    @JsonSubTypes.Type(value = Command.Pause.class, name = "pause"),
    @JsonSubTypes.Type(value = Command.Resume.class, name = "resume"),
    @JsonSubTypes.Type(value = Command.Retry.class, name = "retry"),
    @JsonSubTypes.Type(value = Command.Delete.class, name = "delete")})
public sealed interface Command {
    JobId job();

    /** The request is kept as the user wrote it (JSON); it is validated where it is decided. */
    record Submit(JobId job, JsonNode request) implements Command {}

    record Cancel(JobId job) implements Command {}

    record Pause(JobId job) implements Command {}

    record Resume(JobId job) implements Command {}

    /** From the failed stage on, keeping what is done. */
    record Retry(JobId job) implements Command {}

    /** Forgets an ended job; its artifacts are collected. */
    record Delete(JobId job) implements Command {}
}
