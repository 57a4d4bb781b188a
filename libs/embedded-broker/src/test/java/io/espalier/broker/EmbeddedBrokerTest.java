package io.espalier.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.platform.kafka.ClusterNotReadyException;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.TopicAdmin;
import io.espalier.platform.kafka.TopicSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
    private static final TopicSettings TOPICS = new TopicSettings(2, 0, Duration.ofSeconds(5), 7);

    @TempDir
    private Path folder;

    @Test
    void keepsItsDataAndItsAddressOverARestart() throws Exception {
        String address;
        try (var broker = EmbeddedBroker.start(folder)) {
            address = broker.bootstrapServers();
            ensureTopics(address, TOPICS);
            try (var producer = new KafkaProducer<String, byte[]>(KafkaSettings.of(address).producer("test"))) {
                producer.send(new ProducerRecord<>("espalier.control", "job-1", new byte[]{42})).get();
            }
        }
        try (var broker = EmbeddedBroker.start(folder)) {
            assertThat(broker.bootstrapServers()).isEqualTo(address);
            assertThat(firstValue(address)).containsExactly(42);
        }
    }

    private static byte[] firstValue(String address) {
        try (var consumer = new KafkaConsumer<String, byte[]>(KafkaSettings.of(address).consumer("test"))) {
            var partition = Set.of(new TopicPartition("espalier.control", 0));
            consumer.assign(partition);
            consumer.seekToBeginning(partition);
            return consumer.poll(Duration.ofSeconds(20)).iterator().next().value();
        }
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (var holder = new ServerSocket()) {
            holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = holder.getLocalPort();
            assertThatThrownBy(() -> EmbeddedBroker.start(new BrokerSettings(folder, port, 0)))
                    .isInstanceOf(BrokerException.class).hasMessageContaining("127.0.0.1:" + port + " is taken");
        }
    }

    @Test
    void topicsAndGroupsAreMadeOnceAndVerifiedAfterwards() throws Exception {
        try (var broker = EmbeddedBroker.start(folder)) {
            String address = broker.bootstrapServers();
            ensureTopics(address, TOPICS);
            ensureTopics(address, TOPICS);
            try (var admin = Admin.create(KafkaSettings.of(address).admin())) {
                assertThat(admin.listTopics().names().get()).contains("espalier.requests", "espalier.jobs",
                        "espalier.tasks.scoring", "espalier.tasks.gpu", "espalier.tasks.eval", "espalier.reports",
                        "espalier.control", "espalier.dead-letters");
                var group = new ConfigResource(ConfigResource.Type.GROUP, "espalier.gpu-workers");
                var config = admin.describeConfigs(List.of(group)).all().get().get(group);
                assertThat(config.get("share.record.lock.duration.ms").value()).isEqualTo("5000");
                assertThat(config.get("share.delivery.count.limit").value()).isEqualTo("7");
                assertThat(config.get("share.isolation.level").value()).isEqualTo("read_committed");
                assertThat(config.get("errors.deadletterqueue.topic.name").value())
                        .isEqualTo("espalier.dead-letters");
            }
            assertThatThrownBy(() -> ensureTopics(address, new TopicSettings(3, 0, Duration.ofSeconds(5), 7)))
                    .isInstanceOf(ClusterNotReadyException.class)
                    .hasMessageContaining("espalier.requests has 2 partitions, not 3")
                    .hasMessageContaining("ESPALIER_TOPICS_PARTITIONS");
        }
    }

    @Test
    void aClusterWithoutShareGroupsIsRefusedInOneSentence() throws Exception {
        EmbeddedBroker.formatter(folder.resolve("logs")).setFeatureLevel("share.version", (short) 0).run();
        try (var broker = EmbeddedBroker.start(folder)) {
            assertThatThrownBy(() -> ensureTopics(broker.bootstrapServers(), TOPICS))
                    .isInstanceOf(ClusterNotReadyException.class).hasMessageContaining("has no share groups");
        }
    }

    private static void ensureTopics(String address, TopicSettings topics) throws Exception {
        try (var admin = new TopicAdmin(KafkaSettings.of(address), topics)) {
            admin.ensure();
        }
    }
}
