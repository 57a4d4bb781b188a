package io.espalier.worker.task;

import io.espalier.platform.config.AllowedRoots;
import io.espalier.platform.config.Settings;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.TopicSettings;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.WorkerKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How one worker process is configured.
 *
 * @param artifacts location of the artifact store: folder or URI
 * @param scratch   folder for temporary files of attempts
 * @param httpPort  of metrics and health; 0 means any free
 * @param device    {@code auto}, {@code cpu} or {@code cuda:N}
 * @param threads   threads of the tensor engine; 0 means its own choice
 * @param cache     whether equal work may be answered from an earlier result
 * @param drain     how long a handler may take to checkpoint when the worker must stop
 * @param roots     what tasks may name
 * @param copies    where what lies on S3 is copied to
 */
public record WorkerConfig(WorkerKind kind, WorkerId id, KafkaSettings kafka, TopicSettings topics, String artifacts,
        Path scratch, String httpHost, int httpPort, String device, int threads, boolean cache, Duration drain,
        AllowedRoots roots, CopiesConfig copies) {
    private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(20);

    /** @throws io.espalier.platform.config.SettingException if a setting is missing or wrong */
    public static WorkerConfig from(WorkerKind kind, Settings settings) {
        return new WorkerConfig(kind, id(kind, settings), KafkaSettings.from(settings), TopicSettings.from(settings),
                settings.required("artifacts"), Path.of(settings.text("scratch", System.getProperty("java.io.tmpdir"))),
                settings.text("http.host", "127.0.0.1"), settings.integer("http.port", 0, 0, 65_535),
                settings.text("device", "auto"), settings.integer("threads", 0, 0, 1024),
                settings.flag("cache", true), settings.seconds("drain.seconds", DEFAULT_DRAIN),
                AllowedRoots.from(settings), CopiesConfig.from(settings));
    }

    public Duration lease() {
        return topics.lease();
    }

    private static WorkerId id(WorkerKind kind, Settings settings) {
        String unique = Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36);
        return new WorkerId(settings.text("worker.id",
                kind.label() + "-" + ProcessHandle.current().pid() + "-" + unique));
    }
}
