package io.espalier.platform.kafka;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.espalier.platform.trace.TraceHeaders;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.topic.EventType;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import io.opentelemetry.context.Context;
import java.io.IOException;
import java.net.URI;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Messages as records: the value is the message's JSON, the headers are those of CloudEvents 1.0 in binary mode
 * ({@code ce_id, ce_source, ce_type, ce_time, ce_specversion, ce_subject, content-type}), and those of W3C Trace Context
 * where the current context has a trace.
 */
public final class EventCodec {
    private static final String JSON = "application/json";

    private final URI source;

    /** @param process who speaks, for {@code ce_source}: for example {@code coordinator} or a worker's id */
    public EventCodec(String process) {
        this.source = URI.create("/espalier/" + process);
    }

    /** @throws IllegalArgumentException if the message has no {@link EventType} or cannot be written */
    public ProducerRecord<String, byte[]> encode(Topic topic, JobId job, Object message) {
        CloudEvent event = CloudEventBuilder.v1().withId(UUID.randomUUID().toString()).withSource(source)
                .withType(EventType.of(message).typeName()).withSubject(subject(job, message))
                .withTime(OffsetDateTime.now(ZoneOffset.UTC)).withData(JSON, write(message)).build();
        ProducerRecord<String, byte[]> record = KafkaMessageFactory.<String>createWriter(topic.topicName(), job.value())
                .writeBinary(event);
        TraceHeaders.write(Context.current(), record.headers());
        return record;
    }

    /** Reads a record of a topic that only we write; the headers are for others. */
    public static <T> T decode(ConsumerRecord<String, byte[]> record, Class<T> type) throws UnreadableEventException {
        if (record.value() == null) {
            throw new UnreadableEventException(place(record) + " has no value");
        }
        try {
            return Json.events().readValue(record.value(), type);
        } catch (IOException e) {
            throw new UnreadableEventException(place(record) + " is not a " + type.getSimpleName() + ": " + reason(e),
                    e);
        }
    }

    static String place(ConsumerRecord<?, ?> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    /** Without the excerpt of the source, which may hold anything. */
    static String reason(IOException e) {
        return e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
    }

    private static String subject(JobId job, Object message) {
        return switch (message) {
            case Task task -> task.id().toString();
            case TaskReport report -> report.task().toString();
            default -> job.value();
        };
    }

    private static byte[] write(Object message) {
        try {
            return Json.events().writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + message.getClass().getName(), e);
        }
    }
}
