package io.espalier.coordinator.log;

import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.topic.Topic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.producer.KafkaProducer;
import io.vertx.kafka.client.producer.KafkaProducerRecord;
import java.time.Instant;

/** Reports in the name of the queue about attempts of which no worker will say anything any more. */
public final class QueueReports {
    private static final WorkerId BROKER = new WorkerId("broker");

    private final KafkaProducer<String, byte[]> producer;

    public QueueReports(Vertx vertx, KafkaSettings kafka) {
        this.producer = KafkaProducer.create(vertx, new org.apache.kafka.clients.producer.KafkaProducer<>(kafka
                .producer("espalier-queue-reports")));
    }

    /** Completes when the report is safe; a report too many is dropped by whoever decides, like any late one. */
    Future<Void> failed(TaskId task, int attempt, FailureKind kind, String message, String detail) {
        var failed = new TaskReport.Failed(task, attempt, BROKER, Instant.now(), kind, message, detail, null);
        var encoded = JobLoop.codec().encode(Topic.REPORTS, task.job(), failed);
        return producer.send(KafkaProducerRecord.create(encoded.topic(), encoded.key(), encoded.value())).mapEmpty();
    }

    public Future<Void> close() {
        return producer.close();
    }
}
