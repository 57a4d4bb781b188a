package io.espalier.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    private Path folder;

    @Test
    void argumentsWinOverEnvironmentOverFileOverDefaults() throws IOException {
        Path file = Files.writeString(folder.resolve("espalier.yaml"), """
                http: {port: 1, host: 0.0.0.0}
                artifacts: /from/file
                device: cpu
                kafka:
                  bootstrap.servers: file:9092
                """);
        Settings settings = Settings.fromEnv(Map.of("ESPALIER_CONFIG", file.toString(), "ESPALIER_HTTP_PORT", "2",
                "ESPALIER_DEVICE", "cuda:0", "PATH", "/bin")).with(Map.of("device", "cuda:1"));

        assertThat(settings.text("device", "auto")).isEqualTo("cuda:1");
        assertThat(settings.integer("http.port", 0, 0, 65_535)).isEqualTo(2);
        assertThat(settings.text("http.host", "127.0.0.1")).isEqualTo("0.0.0.0");
        assertThat(settings.required("artifacts")).isEqualTo("/from/file");
        assertThat(settings.text("kafka.bootstrap.servers")).contains("file:9092");
        assertThat(settings.seconds("lease.seconds", Duration.ofSeconds(15))).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void kafkaSettingsPassThrough() {
        Settings settings = Settings.fromEnv(Map.of("ESPALIER_KAFKA_SASL_JAAS_CONFIG", "login",
                "ESPALIER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "ESPALIER_HTTP_PORT", "1"));
        assertThat(settings.below("kafka"))
                .isEqualTo(Map.of("sasl.jaas.config", "login", "security.protocol", "SASL_SSL"));
    }

    @Test
    void complaintsNameKeyValueOriginAndRemedy() {
        Settings settings = Settings
                .fromEnv(Map.of("ESPALIER_HTTP_PORT", "many", "ESPALIER_CACHE", "perhaps", "ESPALIER_LEASE_SECONDS",
                        "0"));
        assertThatThrownBy(() -> settings.integer("http.port", 0, 0, 65_535)).isInstanceOf(SettingException.class)
                .hasMessage("ESPALIER_HTTP_PORT: http.port = 'many': write a whole number from 0 to 65535");
        assertThatThrownBy(() -> settings.flag("cache", true)).hasMessageContaining("ESPALIER_CACHE")
                .hasMessageContaining("'perhaps'").hasMessageContaining("write on or off");
        assertThatThrownBy(() -> settings.seconds("lease.seconds", Duration.ofSeconds(1)))
                .hasMessageContaining("ESPALIER_LEASE_SECONDS");
        assertThatThrownBy(() -> settings.required("artifacts"))
                .hasMessage("set ESPALIER_ARTIFACTS (in a file: artifacts)");
    }

    @Test
    void secretsAreNeverShown() {
        Settings settings = Settings.fromEnv(Map.of("ESPALIER_KAFKA_SASL_JAAS_CONFIG", "password=hunter2"));
        assertThat(settings.toString()).doesNotContain("hunter2");
        assertThat(settings.refused("kafka.sasl.jaas.config", "write another")).hasMessageContaining("[hidden]")
                .hasMessageNotContaining("hunter2");
        assertThat(Secrets.hide(Map.of("ssl.keystore.password", "hunter2", "client.id", "me")).values())
                .containsExactlyInAnyOrder("[hidden]", "me");
    }

    @Test
    void anUnreadableFileIsRefused() throws IOException {
        String missing = folder.resolve("missing.yaml").toString();
        assertThatThrownBy(() -> Settings.fromEnv(Map.of("ESPALIER_CONFIG", missing)))
                .isInstanceOf(SettingException.class).hasMessageContaining(missing);
        String list = Files.writeString(folder.resolve("list.yaml"), "http: [1, 2]").toString();
        assertThatThrownBy(() -> Settings.fromEnv(Map.of("ESPALIER_CONFIG", list)))
                .hasMessageContaining("http must be a map");
    }

    @Test
    void anEmptyFileSetsNothing() throws IOException {
        String empty = Files.writeString(folder.resolve("empty.yaml"), "# nothing\n").toString();
        assertThat(Settings.fromEnv(Map.of("ESPALIER_CONFIG", empty)).text("http.port")).isEmpty();
    }
}
