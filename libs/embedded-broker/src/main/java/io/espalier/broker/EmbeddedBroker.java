package io.espalier.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A running Kafka node (broker and controller in one) on 127.0.0.1. What it was told survives in its data folder,
 * whether it was stopped or killed, and it comes back under the same address.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private final KafkaRaftServer server;
    private final BrokerPorts ports;

    private EmbeddedBroker(KafkaRaftServer server, BrokerPorts ports) {
        this.server = server;
        this.ports = ports;
    }

    /**
     * Starts on a folder, which is made and formatted at the first time; returns when clients are served.
     *
     * @throws BrokerException if a remembered port is taken or the data are not usable
     */
    public static EmbeddedBroker start(Path data) throws IOException {
        return start(new BrokerSettings(data.toAbsolutePath(), 0, 0));
    }

    static EmbeddedBroker start(BrokerSettings settings) throws IOException {
        Files.createDirectories(settings.data());
        BrokerPorts ports = BrokerPorts.claim(settings.data(), settings.port());
        Path logs = settings.data().resolve("logs");
        if (!Files.exists(logs.resolve("meta.properties"))) {
            format(logs);
        }
        try {
            return new EmbeddedBroker(startServer(BrokerConfig.of(logs, ports, settings.advertised())), ports);
        } catch (RuntimeException e) {
            throw new BrokerException("cannot start on " + settings.data() + ": " + e.getMessage(), e);
        }
    }

    private static KafkaRaftServer startServer(Map<String, String> config) {
        var server = new KafkaRaftServer(new KafkaConfig(config, false), Time.SYSTEM);
        try {
            server.startup();
            return server;
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + ports.clients();
    }

    public void awaitShutdown() {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static void format(Path logs) throws IOException {
        try {
            formatter(logs).run();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot format " + logs, e);
        }
    }

    static Formatter formatter(Path logs) {
        return new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))
                .setNodeId(BrokerConfig.NODE).setClusterId(Uuid.randomUuid().toString())
                .setDirectories(List.of(logs.toString())).setMetadataLogDirectory(logs.toString())
                .setControllerListenerName(BrokerConfig.CONTROLLER_LISTENER)
                .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION).setIgnoreFormatted(true);
    }
}
