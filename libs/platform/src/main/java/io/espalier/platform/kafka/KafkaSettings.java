package io.espalier.platform.kafka;

import io.espalier.platform.config.Secrets;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.topic.Topic;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How to reach the cluster. Every {@code ESPALIER_KAFKA_X_Y} passes through as the client setting {@code x.y}, so that
 * SASL and TLS work without us knowing them, and wins over what is set here.
 *
 * @param client client settings given by the user; {@code bootstrap.servers} is among them
 */
public record KafkaSettings(Map<String, String> client) {
    public KafkaSettings {
        client = Map.copyOf(client);
    }

    /** @throws io.espalier.platform.config.SettingException if no bootstrap servers are set */
    public static KafkaSettings from(Settings settings) {
        settings.required("kafka." + CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
        return new KafkaSettings(settings.below("kafka"));
    }

    public static KafkaSettings of(String bootstrapServers) {
        return new KafkaSettings(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    public String bootstrapServers() {
        return client.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
    }

    public Map<String, Object> admin() {
        return merged(Map.of(AdminClientConfig.CLIENT_ID_CONFIG, "espalier-admin"));
    }

    /** Idempotent, acknowledged by all replicas, sent at once; keys are strings, values bytes. */
    public Map<String, Object> producer(String clientId) {
        return merged(Map.of(ProducerConfig.CLIENT_ID_CONFIG, clientId, ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true, ProducerConfig.LINGER_MS_CONFIG, 0,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topic.LARGEST_RECORD,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class));
    }

    /** Sees committed records only, commits nothing by itself, starts at the beginning. */
    public Map<String, Object> consumer(String clientId) {
        return merged(Map.of(ConsumerConfig.CLIENT_ID_CONFIG, clientId, ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed", ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest", ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false, ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class));
    }

    /** A member of a share group that takes one record at a time and acknowledges it itself. */
    public Map<String, Object> shareConsumer(String group, String clientId) {
        return merged(Map.of(ConsumerConfig.CLIENT_ID_CONFIG, clientId, ConsumerConfig.GROUP_ID_CONFIG, group,
                ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit",
                ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit", ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1,
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class));
    }

    private Map<String, Object> merged(Map<String, Object> ours) {
        var merged = new HashMap<>(ours);
        merged.putAll(client);
        return merged;
    }

    @Override
    public String toString() {
        return "KafkaSettings" + Secrets.hide(client);
    }
}
