package io.espalier.bench.macro;

import io.espalier.platform.kafka.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The limit of dispatch: one record through the broker to a consumer that waits for it, and nothing else. */
record RoundTrips(String servers) {
    private static final String TOPIC = "bench.round-trips";
    private static final int WARM_UP = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Seconds from sending to receiving, one after the other. */
    List<Double> seconds(int count) throws Exception {
        var settings = KafkaSettings.of(servers);
        var partition = new TopicPartition(TOPIC, 0);
        try (Admin admin = Admin.create(settings.admin())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
        List<Double> seconds = new ArrayList<>();
        try (var producer = new KafkaProducer<String, byte[]>(settings.producer("bench"));
                var consumer = new KafkaConsumer<String, byte[]>(settings.consumer("bench"))) {
            consumer.assign(List.of(partition));
            consumer.position(partition);
            for (int i = 0; i < WARM_UP + count; i++) {
                double trip = trip(producer, consumer);
                if (i >= WARM_UP) {
                    seconds.add(trip);
                }
            }
        }
        return seconds;
    }

    private static double trip(KafkaProducer<String, byte[]> producer, KafkaConsumer<String, byte[]> consumer) {
        long start = System.nanoTime();
        producer.send(new ProducerRecord<>(TOPIC, "key", new byte[256]));
        while (consumer.poll(PATIENCE).isEmpty()) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException("a record was lost");
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }
}
