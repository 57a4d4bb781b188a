package io.espalier.worker.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.platform.kafka.DeadLetter;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.TaskReport.Usage;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how attempts go. Final words are waited for, because the task is acknowledged only after they are safe; the
 * others may get lost.
 */
final class Reporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);

    private final Producer<String, byte[]> producer;
    private final EventCodec codec;
    private final WorkerId worker;
    private volatile ObjectNode environment;

    Reporter(Producer<String, byte[]> producer, WorkerId worker) {
        this.producer = producer;
        this.codec = new EventCodec(worker.value());
        this.worker = worker;
    }

    /** What the worker computes with; goes with every start of an attempt. */
    void environment(ObjectNode environment) {
        this.environment = environment;
    }

    void started(Attempt attempt) {
        say(new TaskReport.Started(attempt.task().id(), attempt.number(), worker, Instant.now(), environment));
    }

    void progress(Attempt attempt) {
        AttemptContext context = attempt.context();
        AttemptContext.Progress latest = context.latest();
        say(new TaskReport.Progress(attempt.task().id(), attempt.number(), worker, Instant.now(), latest.ratio(),
                context.tokens(), latest.message(), context.checkpoint()));
    }

    void succeeded(Attempt attempt, TaskResult result, boolean fromCache, long peakMemory)
            throws ExecutionException, InterruptedException {
        var usage = new Usage(attempt.took().toMillis() / 1000.0, attempt.context().tokens(), peakMemory);
        confirm(new TaskReport.Succeeded(attempt.task().id(), attempt.number(), worker, Instant.now(),
                result.outputs(), result.facts(), usage, fromCache));
    }

    /** @param checkpoint from where the next attempt may go on, or null */
    void failed(Task task, int number, FailureKind kind, Throwable failure, ArtifactRef checkpoint)
            throws ExecutionException, InterruptedException {
        confirm(new TaskReport.Failed(task.id(), number, worker, Instant.now(), kind, Failures.messageOf(failure),
                Failures.detailOf(failure), checkpoint));
    }

    /** A task of a held job was not even begun. */
    void held(Task task, int number) throws ExecutionException, InterruptedException {
        confirm(new TaskReport.Failed(task.id(), number, worker, Instant.now(), FailureKind.HELD, "the job is paused",
                null, null));
    }

    void dead(ConsumerRecord<String, byte[]> record, Throwable why) throws ExecutionException, InterruptedException {
        confirm(DeadLetter.of(record, why));
    }

    /** Never fails: an attempt must not end because nobody could hear of its progress. */
    private void say(TaskReport report) {
        try {
            producer.send(record(report), (metadata, failure) -> lost(report, failure));
        } catch (KafkaException e) {
            lost(report, e);
        }
    }

    private static void lost(TaskReport report, Exception failure) {
        if (failure != null) {
            LOG.atWarn().addKeyValue("task", report.task()).addKeyValue("reason", failure).log("report lost");
        }
    }

    private void confirm(TaskReport report) throws ExecutionException, InterruptedException {
        confirm(record(report));
    }

    private void confirm(ProducerRecord<String, byte[]> record) throws ExecutionException, InterruptedException {
        try {
            producer.send(record).get();
        } catch (KafkaException e) {
            throw new ExecutionException(e);
        }
    }

    private ProducerRecord<String, byte[]> record(TaskReport report) {
        return codec.encode(Topic.REPORTS, report.task().job(), report);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(10));
    }
}
