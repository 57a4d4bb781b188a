package io.espalier.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;

class KafkaSettingsTest {
    private static final Map<String, String> SECURED = Map.of("ESPALIER_KAFKA_BOOTSTRAP_SERVERS", "broker:9093",
            "ESPALIER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "ESPALIER_KAFKA_SASL_MECHANISM", "PLAIN",
            "ESPALIER_KAFKA_SASL_JAAS_CONFIG", "PlainLoginModule required username=a password=hunter2;",
            "ESPALIER_KAFKA_CLIENT_ID", "mine");

    @Test
    void everyClientGetsTheUsersSettings() {
        KafkaSettings kafka = KafkaSettings.from(Settings.fromEnv(SECURED));
        for (var client : List.of(kafka.admin(), kafka.producer("p"), kafka.consumer("c"),
                kafka.shareConsumer("g", "s"))) {
            assertThat(client).containsEntry("security.protocol", "SASL_SSL").containsEntry("sasl.mechanism", "PLAIN")
                    .containsEntry("bootstrap.servers", "broker:9093").containsEntry("client.id", "mine");
        }
    }

    @Test
    void secretsAreNeverShown() {
        assertThat(KafkaSettings.from(Settings.fromEnv(SECURED)).toString()).contains("broker:9093")
                .doesNotContain("hunter2");
    }

    @Test
    void clientsAcceptTheSettings() {
        KafkaSettings kafka = KafkaSettings.of("127.0.0.1:9092");
        assertThat(new AdminClientConfig(kafka.admin()).getString(AdminClientConfig.CLIENT_ID_CONFIG))
                .isEqualTo("espalier-admin");
        assertThat(new ProducerConfig(kafka.producer("p")).getBoolean(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG))
                .isTrue();
        assertThat(new ConsumerConfig(kafka.consumer("c")).getString(ConsumerConfig.ISOLATION_LEVEL_CONFIG))
                .isEqualTo("read_committed");
    }

    @Test
    void withoutBootstrapServersThereIsNothingToConnectTo() {
        assertThatThrownBy(() -> KafkaSettings.from(Settings.fromEnv(Map.of())))
                .isInstanceOf(SettingException.class).hasMessageContaining("ESPALIER_KAFKA_BOOTSTRAP_SERVERS");
    }
}
