package io.espalier.coordinator.log;

import io.espalier.platform.kafka.DeadLetter;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.consumer.KafkaConsumer;
import io.vertx.kafka.client.consumer.KafkaConsumerRecord;
import java.io.IOException;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks that the broker itself gave up, because worker after worker took them and vanished, end in the dead letters
 * without a word to us. This reads them there and reports the attempt as failed, so that no job waits for a task that
 * nobody will do. One coordinator of the group does it; a report too many is dropped like any late one.
 */
public final class PoisonWatch {
    private static final Logger LOG = LoggerFactory.getLogger(PoisonWatch.class);
    private static final String GROUP = "espalier.poison-watch";
    /** The broker does not tell which attempt was the last: no attempt of that task is to come after it. */
    private static final int LAST_ATTEMPT = Integer.MAX_VALUE;

    private final KafkaConsumer<String, byte[]> consumer;
    private final QueueReports reports;

    public PoisonWatch(Vertx vertx, KafkaSettings kafka, QueueReports reports) {
        var settings = kafka.consumer("espalier-poison-watch");
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        this.consumer = KafkaConsumer.create(vertx, new org.apache.kafka.clients.consumer.KafkaConsumer<>(settings));
        this.reports = reports;
    }

    public Future<Void> start() {
        consumer.exceptionHandler(e -> LOG.atWarn().setCause(e).log("cannot read the dead letters for now"));
        consumer.handler(this::read);
        return consumer.subscribe(Topic.DEAD_LETTERS.topicName());
    }

    private void read(KafkaConsumerRecord<String, byte[]> record) {
        DeadLetter letter = DeadLetter.read(record.record());
        boolean task = Arrays.stream(WorkerKind.values()).anyMatch(kind -> Topic.tasks(kind).topicName().equals(letter
                .topic()));
        Future<Void> done = task && letter.value() != null ? report(letter) : Future.succeededFuture();
        done.compose(_ -> consumer.commit()).onFailure(e -> LOG.atWarn().setCause(e).log(
                "a dead letter could not be handled: it will be read again"));
    }

    private Future<Void> report(DeadLetter letter) {
        try {
            Task task = Json.events().readValue(letter.value(), Task.class);
            return reports.failed(task.id(), LAST_ATTEMPT, FailureKind.PERMANENT,
                    "no worker survived this task: the broker gave it up (" + letter.reason() + ")", letter.stack());
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("a dead task cannot be read");
            return Future.succeededFuture();
        }
    }

    public Future<Void> close() {
        return consumer.close();
    }
}
