package io.espalier.cli.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.request.JobNames;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.trace.TraceHeaders;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.topic.Topic;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Publishes pruning requests as events, as any other program would; part of the trace that the environment names. */
final class RequestPublisher implements AutoCloseable {
    private final EventCodec codec = new EventCodec("cli");
    private final KafkaProducer<String, byte[]> producer;

    RequestPublisher(String bootstrapServers) {
        producer = new KafkaProducer<>(KafkaSettings.of(bootstrapServers).producer("espalier-cli"));
    }

    /** Returns when the broker has the event. */
    JobId publish(ObjectNode request) throws StackException, InterruptedException {
        JobId job = JobNames.fresh(request);
        try (Scope _ = TraceHeaders.ofEnvironment(System.getenv()).makeCurrent()) {
            producer.send(codec.encode(Topic.REQUESTS, job, new Command.Submit(job, request))).get();
            return job;
        } catch (ExecutionException e) {
            throw new StackException("the request cannot be published: " + e.getCause().getMessage(), e.getCause());
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
