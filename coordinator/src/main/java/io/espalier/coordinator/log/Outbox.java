package io.espalier.coordinator.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.coordinator.job.JobState;
import io.espalier.coordinator.trace.JobSpans;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import io.opentelemetry.context.Scope;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What leaves the coordinator, as records. */
final class Outbox {
    private final EventCodec codec;
    private final Partitioning partitioning;
    private final JobSpans spans;

    Outbox(EventCodec codec, Partitioning partitioning, JobSpans spans) {
        this.codec = codec;
        this.partitioning = partitioning;
        this.spans = spans;
    }

    /** What an event says to workers, if anything. */
    Optional<ProducerRecord<String, byte[]>> effect(Job job, JobEvent event) {
        return Optional.ofNullable(switch (event) {
            case JobEvent.TaskPublished published -> task(job, published.task());
            case JobEvent.JobPaused _ -> control(job.id(), Control.Wish.HOLD);
            case JobEvent.JobResumed _,JobEvent.JobRetried _ -> control(job.id(), Control.Wish.RUN);
            case JobEvent.JobCancelled _,JobEvent.JobFailed _ -> control(job.id(), Control.Wish.STOP);
            default -> null; // of no concern to workers
        });
    }

    private ProducerRecord<String, byte[]> task(Job job, Task task) {
        try (Scope _ = spans.task(job, task.id()).makeCurrent()) {
            return codec.encode(Topic.tasks(task.work().worker()), job.id(), task);
        }
    }

    /** The coordinator's own state of a job; a tombstone once it is deleted. */
    ProducerRecord<String, byte[]> state(Job job) {
        byte[] value = deleted(job) ? null : bytes(job.archived());
        return new ProducerRecord<>(Topic.JOB_LOG.topicName(), partitioning.of(job.id()), job.id().value(), value);
    }

    /** The public state of a job. */
    ProducerRecord<String, byte[]> snapshot(JobSnapshot snapshot) {
        return inPartition(codec.encode(Topic.JOBS, snapshot.id(), snapshot));
    }

    /** Tells readers that a job is deleted. */
    ProducerRecord<String, byte[]> tombstone(JobId job) {
        return new ProducerRecord<>(Topic.JOBS.topicName(), partitioning.of(job), job.value(), null);
    }

    ProducerRecord<String, byte[]> forward(Command command) {
        return inPartition(codec.encode(Topic.REQUESTS, command.job(), command));
    }

    private ProducerRecord<String, byte[]> inPartition(ProducerRecord<String, byte[]> record) {
        return new ProducerRecord<>(record.topic(), partitioning.of(new JobId(record.key())), record.key(), record
                .value(), record.headers());
    }

    int partitionOf(JobId job) {
        return partitioning.of(job);
    }

    static boolean deleted(Job job) {
        return job.state() instanceof JobState.Deleted;
    }

    private ProducerRecord<String, byte[]> control(JobId job, Control.Wish wish) {
        return codec.encode(Topic.CONTROL, job, new Control(job, wish));
    }

    private static byte[] bytes(Object value) {
        try {
            return Json.events().writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value.getClass().getName(), e);
        }
    }
}
