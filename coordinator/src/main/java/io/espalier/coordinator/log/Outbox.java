package io.espalier.coordinator.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.coordinator.job.JobState;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What leaves the coordinator, as records. */
final class Outbox {
    private final EventCodec codec;
    private final Partitioning partitioning;

    Outbox(EventCodec codec, Partitioning partitioning) {
        this.codec = codec;
        this.partitioning = partitioning;
    }

    /** What an event says to workers, if anything. */
    Optional<ProducerRecord<String, byte[]>> effect(JobId job, JobEvent event) {
        return Optional.ofNullable(switch (event) {
            case JobEvent.TaskPublished published -> codec.encode(Topic.tasks(published.task().work().worker()), job,
                    published.task());
            case JobEvent.JobPaused _ -> control(job, Control.Wish.HOLD);
            case JobEvent.JobResumed _,JobEvent.JobRetried _ -> control(job, Control.Wish.RUN);
            case JobEvent.JobCancelled _,JobEvent.JobFailed _ -> control(job, Control.Wish.STOP);
            default -> null; // of no concern to workers
        });
    }

    /** The coordinator's own state of a job; a tombstone once it is deleted. */
    ProducerRecord<String, byte[]> state(Job job) {
        return record(Topic.JOB_LOG, job.id(), deleted(job) ? null : bytes(job.archived()));
    }

    /** The public state of a job; a tombstone once it is deleted. */
    ProducerRecord<String, byte[]> snapshot(JobId job, JobSnapshot snapshot) {
        return record(Topic.JOBS, job, snapshot == null ? null : bytes(snapshot));
    }

    ProducerRecord<String, byte[]> forward(Command command) {
        ProducerRecord<String, byte[]> encoded = codec.encode(Topic.REQUESTS, command.job(), command);
        return new ProducerRecord<>(encoded.topic(), partitioning.of(command.job()), encoded.key(), encoded.value(),
                encoded.headers());
    }

    static boolean deleted(Job job) {
        return job.state() instanceof JobState.Deleted;
    }

    private ProducerRecord<String, byte[]> control(JobId job, Control.Wish wish) {
        return codec.encode(Topic.CONTROL, job, new Control(job, wish));
    }

    private ProducerRecord<String, byte[]> record(Topic topic, JobId job, byte[] value) {
        return new ProducerRecord<>(topic.topicName(), partitioning.of(job), job.value(), value);
    }

    private static byte[] bytes(Object value) {
        try {
            return Json.events().writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value.getClass().getName(), e);
        }
    }
}
