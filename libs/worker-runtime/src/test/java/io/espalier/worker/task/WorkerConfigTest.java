package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.WorkerKind;
import java.time.Duration;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerConfigTest {
    private static final Map<String, String> LEAST = Map.of("ESPALIER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092",
            "ESPALIER_ARTIFACTS", "/data/artifacts");

    /** A renamed variable would be ignored silently in every deployment: so the names are held here. */
    @Test
    void everyVariableIsRead() {
        var environment = new HashMap<>(LEAST);
        environment.putAll(Map.of("ESPALIER_WORKER_ID", "gpu-a", "ESPALIER_SCRATCH", "/scratch", "ESPALIER_HTTP_HOST",
                "0.0.0.0", "ESPALIER_HTTP_PORT", "9400", "ESPALIER_DEVICE", "cuda:1", "ESPALIER_THREADS", "8",
                "ESPALIER_CACHE", "off", "ESPALIER_DRAIN_SECONDS", "90", "ESPALIER_LEASE_SECONDS", "30"));
        environment.putAll(Map.of("ESPALIER_COPIES_FOLDER", "/copies", "ESPALIER_COPIES_GIBIBYTES", "7"));
        WorkerConfig config = config(environment);
        assertThat(config.id().value()).isEqualTo("gpu-a");
        assertThat(config.scratch()).hasToString("/scratch");
        assertThat(config.httpHost()).isEqualTo("0.0.0.0");
        assertThat(config.httpPort()).isEqualTo(9400);
        assertThat(config.device()).isEqualTo("cuda:1");
        assertThat(config.threads()).isEqualTo(8);
        assertThat(config.cache()).isFalse();
        assertThat(config.drain()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.artifacts()).isEqualTo("/data/artifacts");
        assertThat(config.copies()).isEqualTo(new CopiesConfig(Path.of("/copies"), 7L << 30));
    }

    @Test
    void theDefaultsSuitOneMachine() {
        WorkerConfig config = config(LEAST);
        assertThat(config.id().value()).startsWith("gpu-" + ProcessHandle.current().pid() + "-");
        assertThat(config.httpHost()).isEqualTo("127.0.0.1");
        assertThat(config.httpPort()).isZero();
        assertThat(config.device()).isEqualTo("auto");
        assertThat(config.cache()).isTrue();
        assertThat(config.lease()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> config(Map.of("ESPALIER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")))
                .hasMessageContaining("ESPALIER_ARTIFACTS");
        assertThatThrownBy(() -> config(Map.of("ESPALIER_ARTIFACTS", "/a")))
                .hasMessageContaining("ESPALIER_KAFKA_BOOTSTRAP_SERVERS");
    }

    private static WorkerConfig config(Map<String, String> environment) {
        return WorkerConfig.from(WorkerKind.GPU, Settings.fromEnv(environment));
    }
}
