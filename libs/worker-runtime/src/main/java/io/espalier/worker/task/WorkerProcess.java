package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStores;
import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import io.espalier.platform.kafka.ClusterNotReadyException;
import io.espalier.platform.kafka.TopicAdmin;
import io.espalier.platform.process.ParentWatch;
import io.espalier.platform.process.ReadyLine;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.worker.metrics.MetricsServer;
import io.espalier.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;

/**
 * A worker as a process: {@code READY WORKER_ID http://127.0.0.1:PORT} when it takes tasks, drained on SIGTERM.
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *     WorkerProcess.run(WorkerKind.SCORING, (worker, config) -> {
 *         worker.describe("cpu", 2, "PyTorch 2.7.1", Map.of());
 *         worker.handle(Work.Score.class, new ScoreHandler());
 *     });
 * }
 * }</pre>
 */
public final class WorkerProcess {
    private WorkerProcess() {}

    /** Runs until the process is told to stop. */
    public static void run(WorkerKind kind, BiConsumer<Worker, WorkerConfig> setUp) {
        try {
            Settings settings = Settings.fromEnv(System.getenv());
            ParentWatch.start(settings);
            run(WorkerConfig.from(kind, settings), setUp);
        } catch (SettingException | ClusterNotReadyException | IOException e) {
            System.err.println(kind.label() + "-worker: " + e.getMessage());
            System.exit(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(WorkerConfig config, BiConsumer<Worker, WorkerConfig> setUp)
            throws ClusterNotReadyException, IOException, InterruptedException {
        try (var topics = new TopicAdmin(config.kafka(), config.topics())) {
            topics.ensure();
        }
        var closed = new CountDownLatch(1);
        try (var tracing = Tracing.from("espalier-" + config.kind().label() + "-worker", System.getenv());
                var metrics = new WorkerMetrics(config.kind());
                var artifacts = ArtifactStores.open(config.artifacts(), metrics.artifacts());
                var worker = new Worker(config, tracing, artifacts, metrics);
                var server = MetricsServer.start(config.httpHost(), config.httpPort(), metrics, worker::isAlive,
                        worker::isReady)) {
            setUp.accept(worker, config);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
                worker.stop();
                await(closed);
            }));
            worker.run(() -> ReadyLine.print(config.id().value(), server.address()));
        } finally {
            closed.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
