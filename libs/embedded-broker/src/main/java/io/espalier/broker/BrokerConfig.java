package io.espalier.broker;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The settings of a Kafka node that is alone on one machine: small, quick to start, bound to loopback. */
final class BrokerConfig {
    static final int NODE = 1;
    static final String CONTROLLER_LISTENER = "CONTROLLER";
    /** One job's tasks at a time, not a cluster's: few partitions of the internal topics open faster. */
    private static final String INTERNAL_PARTITIONS = "4";

    private BrokerConfig() {}

    static Map<String, String> of(Path logs, BrokerPorts ports, int advertised) {
        var config = new TreeMap<String, String>();
        config.putAll(identity(logs, ports, advertised > 0 ? advertised : ports.clients()));
        config.putAll(internalTopics());
        config.putAll(groups());
        config.putAll(sizes());
        return config;
    }

    private static Map<String, String> identity(Path logs, BrokerPorts ports, int advertised) {
        String clients = "PLAINTEXT://127.0.0.1:" + ports.clients();
        String controller = CONTROLLER_LISTENER + "://127.0.0.1:" + ports.controller();
        return Map.of("process.roles", "broker,controller", "node.id", Integer.toString(NODE),
                "controller.quorum.voters", NODE + "@127.0.0.1:" + ports.controller(), "listeners",
                clients + "," + controller, "advertised.listeners", "PLAINTEXT://127.0.0.1:" + advertised,
                "controller.listener.names",
                CONTROLLER_LISTENER, "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT", "log.dirs", logs.toString(),
                "auto.create.topics.enable", "false");
    }

    private static Map<String, String> internalTopics() {
        return Map.of("offsets.topic.replication.factor", "1", "offsets.topic.num.partitions", INTERNAL_PARTITIONS,
                "transaction.state.log.replication.factor", "1", "transaction.state.log.min.isr", "1",
                "transaction.state.log.num.partitions", INTERNAL_PARTITIONS,
                "share.coordinator.state.topic.replication.factor", "1", "share.coordinator.state.topic.min.isr", "1",
                "share.coordinator.state.topic.num.partitions", INTERNAL_PARTITIONS, "min.insync.replicas", "1");
    }

    /** Nobody else will join: no delays; leases from a second to an hour. */
    private static Map<String, String> groups() {
        return Map.of("group.initial.rebalance.delay.ms", "0", "group.share.min.record.lock.duration.ms", "1000",
                "group.share.max.record.lock.duration.ms", "3600000", "group.share.max.delivery.count.limit", "25",
                "group.share.min.heartbeat.interval.ms", "500", "group.share.heartbeat.interval.ms", "1000",
                "group.share.min.assignment.interval.ms", "0", "group.share.assignment.interval.ms", "0",
                "group.consumer.min.session.timeout.ms", "3000");
    }

    private static Map<String, String> sizes() {
        return Map.of("num.network.threads", "2", "num.io.threads", "4", "background.threads", "2",
                "num.recovery.threads.per.data.dir", "2", "log.cleaner.dedupe.buffer.size", "4194304",
                "log.cleaner.io.buffer.size", "65536", "offsets.load.buffer.size", "262144",
                "socket.request.max.bytes", "16777216", "message.max.bytes", "8388608");
    }
}
