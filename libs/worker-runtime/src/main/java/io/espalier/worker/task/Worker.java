package io.espalier.worker.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.S3Copies;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Topic;
import io.espalier.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of a worker: take a task, serve it, take the next. One task at a time; run more processes to do more at once.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration CATCH_UP = Duration.ofMillis(250);
    /** After this long without a turn of the loop the process is not healthy. */
    private static final Duration STUCK = Duration.ofMinutes(2);

    private final WorkerConfig config;
    private final Tracing tracing;
    private final WorkerMetrics metrics;
    private final Scratch scratch;
    private final S3Copies copies;
    private final Reporter reporter;
    private final Wishes wishes;
    private final AttemptStarter starter;
    private final KafkaClientMetrics clientMetrics;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean draining;
    private volatile boolean ready;
    private volatile long turnedAt = System.nanoTime();

    /**
     * @param tracing closed by the caller, after the worker
     * @throws IOException if the code's version or the scratch folder cannot be had
     */
    public Worker(WorkerConfig config, Tracing tracing, ArtifactStore artifacts, WorkerMetrics metrics)
            throws IOException {
        this.config = config;
        this.tracing = tracing;
        this.metrics = metrics;
        this.scratch = Scratch.open(config.scratch());
        String name = config.id().value();
        var producer = new KafkaProducer<String, byte[]>(config.kafka().producer(name));
        this.reporter = new Reporter(producer, config.id());
        this.clientMetrics = new KafkaClientMetrics(producer);
        metrics.bind(clientMetrics);
        this.wishes = new Wishes(() -> new KafkaConsumer<>(config.kafka().consumer(name + "-control")));
        this.copies = config.copies().open();
        var keys = new WorkKey(CodeVersion.current());
        this.starter = new AttemptStarter(artifacts, new Checkpoints(artifacts, keys),
                new StageCache(artifacts, keys, config.cache()), scratch, metrics, reporter,
                new PlaceCheck(config.roots()), copies);
    }

    /** Says who does a kind of work; to be called before {@link #run}. */
    public <W extends Work> Worker handle(Class<W> work, TaskHandler<W> handler) {
        starter.handle(work, handler);
        return this;
    }

    /**
     * Says what this worker computes with, for reports and metrics; to be called before {@link #run}.
     *
     * @param device   {@code cpu} or {@code cuda:N}
     * @param threads  threads of the engine
     * @param engine   name and version of the tensor engine
     * @param versions further versions by name
     */
    public Worker describe(String device, int threads, String engine, Map<String, String> versions) {
        ObjectNode environment = JsonNodeFactory.instance.objectNode().put("device", device).put("threads", threads)
                .put("engine", engine);
        ObjectNode all = environment.putObject("versions").put("java", Runtime.version().toString());
        versions.forEach(all::put);
        reporter.environment(environment);
        metrics.device(device);
        return this;
    }

    public WorkerMetrics metrics() {
        return metrics;
    }

    /**
     * Takes tasks until {@link #stop} is called from another thread.
     *
     * @param onReady called once, when it takes tasks
     */
    public void run(Runnable onReady) throws InterruptedException {
        try {
            wishes.start();
            while (!draining && !wishes.awaitCaughtUp(CATCH_UP)) {
                turnedAt = System.nanoTime();
            }
            ready = true;
            onReady.run();
            while (!draining) {
                serveUntilItBreaks();
            }
        } finally {
            ready = false;
            ended.countDown();
        }
    }

    /** A consumer in a state that we do not understand is thrown away; what it held goes back to the group. */
    private void serveUntilItBreaks() throws InterruptedException {
        try (var consumer = new KafkaShareConsumer<String, byte[]>(
                config.kafka().shareConsumer(Topic.workersGroup(config.kind()), config.id().value()));
                var queue = new TaskQueue(consumer, config.lease())) {
            consumer.subscribe(List.of(Topic.tasks(config.kind()).topicName()));
            var service = new TaskService(config, tracing, queue, wishes, reporter, starter, metrics, this::turn);
            while (!draining) {
                turn();
                var record = queue.take();
                if (record.isPresent()) {
                    service.serve(record.get());
                }
            }
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the loop of the worker broke: starting it again");
            Thread.sleep(Duration.ofSeconds(1));
        }
    }

    /** The loop came by; whether it must end. */
    private boolean turn() {
        turnedAt = System.nanoTime();
        return draining;
    }

    /** Whether it takes tasks. */
    public boolean isReady() {
        return ready && !draining;
    }

    /** Whether its loop goes round. */
    public boolean isAlive() {
        return System.nanoTime() - turnedAt < STUCK.toNanos();
    }

    /**
     * Takes no more tasks; a running one writes a checkpoint and goes back to the group at once. Returns when that is
     * done.
     */
    public void stop() {
        draining = true;
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** To be called after {@link #run} has returned. */
    @Override
    public void close() throws IOException {
        wishes.close();
        clientMetrics.close();
        reporter.close();
        copies.close();
        scratch.close();
    }
}
