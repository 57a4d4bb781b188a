package io.espalier.coordinator.log;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Who a coordinator is to Kafka.
 *
 * @param instance a name that outlives the process: restarted under it, a coordinator has its jobs back at once instead
 *                 of after the session time-out; null for one that comes and goes
 */
public record LoopIdentity(String instance) {
    static final String GROUP = "espalier.coordinators";
    /** How the transactional ids of all coordinators begin. */
    static final String TRANSACTIONS = "espalier-coordinator-";
    /** Settings for both clients; what the user set wins. */
    private static final String SESSION_MILLIS = "10000";
    private static final String HEARTBEAT_MILLIS = "2000";
    private static final int TRANSACTION_MILLIS = 15_000;

    Map<String, Object> consumer(Map<String, Object> base) {
        var settings = new HashMap<String, Object>(Map.of(ConsumerConfig.GROUP_ID_CONFIG, GROUP,
                // both input topics have the same partitions: this assignor gives a number of both to one member
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName(),
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MILLIS,
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MILLIS));
        if (instance != null) {
            settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instance);
        }
        settings.putAll(base);
        return settings;
    }

    Map<String, Object> producer(Map<String, Object> base) {
        String name = instance == null ? UUID.randomUUID().toString() : instance;
        var settings = new HashMap<String, Object>(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                TRANSACTIONS + name, ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS,
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4"));
        settings.putAll(base);
        return settings;
    }
}
