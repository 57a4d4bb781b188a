package io.espalier.cli.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Publishes pruning requests as events, as any other program would. */
final class RequestPublisher implements AutoCloseable {
    private static final int LONGEST_LABEL = 40;

    private final EventCodec codec = new EventCodec("cli");
    private final KafkaProducer<String, byte[]> producer;

    RequestPublisher(String bootstrapServers) {
        producer = new KafkaProducer<>(KafkaSettings.of(bootstrapServers).producer("espalier-cli"));
    }

    /** Returns when the broker has the event. */
    JobId publish(ObjectNode request) throws StackException, InterruptedException {
        JobId job = newId(request);
        try {
            producer.send(codec.encode(Topic.REQUESTS, job, new Command.Submit(job, request))).get();
            return job;
        } catch (ExecutionException e) {
            throw new StackException("the request cannot be published: " + e.getCause().getMessage(), e.getCause());
        }
    }

    /** Readable and unique: label of the request, or name of the model, and a random suffix. */
    static JobId newId(ObjectNode request) {
        String label = request.path("name").asText(Path.of(request.path("model").asText()).getFileName().toString());
        String plain = label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
        String start = plain.substring(0, Math.min(LONGEST_LABEL, plain.length())).replaceAll("-+$", "");
        String suffix = Long.toString(ThreadLocalRandom.current().nextLong(1L << 30, 1L << 31), 36);
        return new JobId((start.isEmpty() ? "job" : start) + "-" + suffix);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
