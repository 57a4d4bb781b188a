package io.espalier.platform.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.topic.EventType;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Reads the request topic, where anyone may publish. Accepted are
 * <ul>
 * <li>a {@link Command} with its {@code type}, with or without headers;</li>
 * <li>a CloudEvent whose {@code ce_type} is a command's: the value is the bare request, or anything for the others, which
 * name their job by the record's key or by {@code job};</li>
 * <li>a bare request without headers, as {@code kcat} sends it.</li>
 * </ul>
 * The job is the one that the command names, else the record's key if it can be a job id, else made from the event's
 * source and id, so that an event sent twice is one job, else from the record's place in the topic.
 */
public final class CommandReader {
    private CommandReader() {}

    public static Command read(ConsumerRecord<String, byte[]> record) throws UnreadableEventException {
        ObjectNode body = body(record);
        JobId job = jobOf(record, body);
        if (body.has("type")) {
            return typed(record, body.put("job", job.value()));
        }
        Optional<String> header = header(record, "ce_type");
        return header.isPresent() ? named(record, header.get(), job, body) : new Command.Submit(job, body);
    }

    private static Command typed(ConsumerRecord<String, byte[]> record, ObjectNode body)
            throws UnreadableEventException {
        try {
            return Json.events().treeToValue(body, Command.class);
        } catch (JsonProcessingException e) {
            throw new UnreadableEventException(
                    EventCodec.place(record) + " is not a command: " + EventCodec.reason(e), e);
        }
    }

    private static Command named(ConsumerRecord<String, byte[]> record, String typeName, JobId job, ObjectNode body)
            throws UnreadableEventException {
        return switch (EventType.named(typeName).orElse(null)) {
            case PRUNING_REQUESTED -> new Command.Submit(job, body);
            case CANCEL_REQUESTED -> new Command.Cancel(job);
            case PAUSE_REQUESTED -> new Command.Pause(job);
            case RESUME_REQUESTED -> new Command.Resume(job);
            case RETRY_REQUESTED -> new Command.Retry(job);
            case DELETE_REQUESTED -> new Command.Delete(job);
            case null, default -> throw new UnreadableEventException(
                    EventCodec.place(record) + ": ce_type " + typeName + " is not a command");
        };
    }

    private static ObjectNode body(ConsumerRecord<String, byte[]> record) throws UnreadableEventException {
        byte[] value = record.value() == null || record.value().length == 0 ? new byte[]{'{', '}'} : record.value();
        try {
            if (Json.requests().readTree(value) instanceof ObjectNode object) {
                return object;
            }
            throw new UnreadableEventException(EventCodec.place(record) + " is not a JSON object");
        } catch (IOException e) {
            throw new UnreadableEventException(
                    EventCodec.place(record) + " is not JSON: " + EventCodec.reason(e), e);
        }
    }

    private static JobId jobOf(ConsumerRecord<String, byte[]> record, ObjectNode body) throws UnreadableEventException {
        try {
            if (body.path("job").isTextual()) {
                return new JobId(body.get("job").textValue());
            }
        } catch (IllegalArgumentException e) {
            throw new UnreadableEventException(EventCodec.place(record) + ": " + e.getMessage(), e);
        }
        try {
            return new JobId(record.key());
        } catch (IllegalArgumentException e) {
            return derived(record);
        }
    }

    private static JobId derived(ConsumerRecord<String, byte[]> record) {
        String identity = header(record, "ce_id").map(id -> header(record, "ce_source").orElse("") + "\n" + id)
                .orElseGet(() -> EventCodec.place(record));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return new JobId("event-" + HexFormat.of().formatHex(digest, 0, 8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static Optional<String> header(ConsumerRecord<String, byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }
}
