package io.espalier.coordinator;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.coordinator.http.HttpApi;
import io.espalier.coordinator.http.HttpServerVerticle;
import io.espalier.coordinator.job.AttemptPolicy;
import io.espalier.coordinator.job.Decider;
import io.espalier.coordinator.job.Dispatcher;
import io.espalier.coordinator.log.ArtifactCollector;
import io.espalier.coordinator.log.CommandSender;
import io.espalier.coordinator.log.DeadLetters;
import io.espalier.coordinator.log.EventLog;
import io.espalier.coordinator.log.HangingTransactions;
import io.espalier.coordinator.log.JobLoop;
import io.espalier.coordinator.log.JobObservers;
import io.espalier.coordinator.log.JobTraces;
import io.espalier.coordinator.log.JobsView;
import io.espalier.coordinator.log.LoopIdentity;
import io.espalier.coordinator.log.LostTasks;
import io.espalier.coordinator.log.PoisonWatch;
import io.espalier.coordinator.log.QueueReports;
import io.espalier.coordinator.log.QueueView;
import io.espalier.coordinator.log.Submission;
import io.espalier.coordinator.log.TaskTopicTrimmer;
import io.espalier.coordinator.log.Windows;
import io.espalier.coordinator.metrics.CoordinatorMetrics;
import io.espalier.coordinator.metrics.Meters;
import io.espalier.coordinator.trace.JobSpans;
import io.espalier.platform.kafka.ClusterNotReadyException;
import io.espalier.platform.kafka.TopicAdmin;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.request.RequestReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running coordinator: topics first, then the readers' view, the loop that decides, and at last the HTTP interface.
 * Several may run against one cluster; each owns some partitions of the jobs, each answers for all.
 */
public final class Coordinator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);
    private static final long START_PATIENCE_SECONDS = 120;
    private static final long STOP_PATIENCE_SECONDS = 10;

    private final Meters meters = new Meters();
    private final Vertx vertx = Vertx.builder().with(new VertxOptions().setMetricsOptions(
            new MicrometerMetricsOptions().setEnabled(true)))
            .withMetrics(new MicrometerMetricsFactory(meters.registry())).build();
    private final CoordinatorConfig config;
    private final ArtifactStore artifacts;
    private final JobsView view;
    private final CommandSender sender;
    private final ArtifactCollector collector;
    private final TaskTopicTrimmer trimmer;
    private final QueueReports queueReports;
    private final PoisonWatch poison;
    private final LostTasks lost;
    private final DeadLetters deadLetters;
    private final Windows windows;
    private final HangingTransactions hanging;
    private final JobLoop loop;
    private final HttpServerVerticle http;

    private Coordinator(CoordinatorConfig config, Tracing tracing) throws IOException {
        this.config = config;
        var spans = new JobSpans(tracing);
        var reader = new RequestReader();
        var submission = new Submission(reader, config.folder(), config.roots());
        artifacts = ArtifactStores.open(config.artifacts());
        view = new JobsView(vertx, config.kafka());
        sender = new CommandSender(vertx, config.kafka());
        collector = new ArtifactCollector(artifacts, view);
        trimmer = new TaskTopicTrimmer(config.kafka());
        queueReports = new QueueReports(vertx, config.kafka());
        poison = new PoisonWatch(vertx, config.kafka(), queueReports);
        lost = new LostTasks(config.kafka(), queueReports, config.topics().lease());
        deadLetters = new DeadLetters(config.kafka());
        hanging = new HangingTransactions(config.kafka());
        windows = new Windows(config.kafka(), config.spareTasks());
        loop = new JobLoop(config.kafka(), new LoopIdentity(config.instance()),
                new Decider(AttemptPolicy.forLease(config.topics().lease())), new Dispatcher(config.cache()), windows,
                submission, spans,
                new JobObservers(List.of(new EventLog(), new CoordinatorMetrics(meters.registry()), collector,
                        new JobTraces(tracing, spans), lost)),
                meters.registry(),
                Clock.systemUTC());
        var queue = new QueueView(view, windows::workers, Clock.systemUTC());
        http = HttpApi.create(vertx, config.http(), tracing, reader, submission, sender, view, queue, deadLetters,
                artifacts,
                meters.registry(), loop::joined);
    }

    /**
     * Returns when it serves.
     *
     * @param tracing  closed by the caller, after the coordinator
     * @param onFenced what to do when another process took over this one's instance name
     * @throws ClusterNotReadyException in one clear sentence, if the cluster cannot serve us
     */
    public static Coordinator start(CoordinatorConfig config, Tracing tracing, Runnable onFenced)
            throws ClusterNotReadyException, IOException, InterruptedException {
        try (var topics = new TopicAdmin(config.kafka(), config.topics())) {
            topics.ensure();
        }
        var coordinator = new Coordinator(config, tracing);
        try {
            coordinator.start(onFenced);
            return coordinator;
        } catch (IOException | RuntimeException | InterruptedException e) {
            coordinator.close();
            throw e;
        }
    }

    private void start(Runnable onFenced) throws IOException, InterruptedException {
        loop.start(onFenced);
        await(view.start().compose(_ -> poison.start()).compose(_ -> vertx.deployVerticle(http)));
    }

    private static void await(Future<?> future) throws IOException, InterruptedException {
        try {
            future.toCompletionStage().toCompletableFuture().get(START_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("cannot start: " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("cannot start: no answer from the broker within " + START_PATIENCE_SECONDS + " s", e);
        }
    }

    /** Where it serves: {@code http://127.0.0.1:8080}. */
    public String address() {
        String host = config.http().host();
        return (config.http().tls().isOn() ? "https://" : "http://") + (host.contains(":") ? "[" + host + "]" : host)
                + ":" + http.port();
    }

    public boolean ready() {
        return view.isCaughtUp() && loop.joined();
    }

    /** Refuses new requests, finishes the current transaction, hands its jobs to other coordinators. */
    @Override
    public void close() {
        quietly("http", () -> stop(http.deploymentID() == null
                ? Future.succeededFuture()
                : vertx.undeploy(http.deploymentID())));
        quietly("loop", loop::close);
        quietly("collector", collector::close);
        quietly("trimmer", trimmer::close);
        quietly("windows", windows::close);
        quietly("hanging transactions", hanging::close);
        quietly("lost tasks", lost::close);
        quietly("dead letters", deadLetters::close);
        quietly("readers", () -> stop(Future.join(view.close(), sender.close(), poison.close(), queueReports.close())));
        quietly("vertx", () -> stop(vertx.close()));
        quietly("artifacts", artifacts::close);
        quietly("meters", meters::close);
    }

    private static void stop(Future<?> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(STOP_PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Each part is stopped whatever happens to the others. */
    private static void quietly(String part, AutoCloseable close) {
        try {
            close.close();
        } catch (Exception e) {
            LOG.atWarn().setCause(e).addKeyValue("part", part).log("did not stop cleanly");
        }
    }
}
