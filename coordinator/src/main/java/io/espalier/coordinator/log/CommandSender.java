package io.espalier.coordinator.log;

import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.topic.Topic;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.producer.KafkaProducer;
import io.vertx.kafka.client.producer.KafkaProducerRecord;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Publishes commands on {@code espalier.requests}, as anyone else may. */
public final class CommandSender {
    private static final int PATIENCE_MILLIS = 10_000;

    private final KafkaProducer<String, byte[]> producer;
    private final EventCodec codec = JobLoop.codec();

    public CommandSender(Vertx vertx, KafkaSettings kafka) {
        var settings = kafka.producer("espalier-commands");
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS / 2);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS / 2);
        this.producer = KafkaProducer.create(vertx, new org.apache.kafka.clients.producer.KafkaProducer<>(settings));
        producer.exceptionHandler(e -> {}); // every failure is told by the future of its send
    }

    /**
     * Completes when the command is safe with the broker.
     *
     * @param context the trace that it is part of
     */
    public Future<Void> send(Command command, Context context) {
        ProducerRecord<String, byte[]> encoded = encode(command, context);
        KafkaProducerRecord<String, byte[]> record = KafkaProducerRecord.create(encoded.topic(), encoded.key(),
                encoded.value());
        encoded.headers().forEach(header -> record.addHeader(header.key(), new String(header.value(),
                StandardCharsets.UTF_8)));
        return producer.send(record).mapEmpty();
    }

    private ProducerRecord<String, byte[]> encode(Command command, Context context) {
        try (Scope _ = context.makeCurrent()) {
            return codec.encode(Topic.REQUESTS, command.job(), command);
        }
    }

    public Future<Void> close() {
        return producer.close();
    }
}
