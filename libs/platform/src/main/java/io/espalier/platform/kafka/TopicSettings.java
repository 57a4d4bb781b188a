package io.espalier.platform.kafka;

import io.espalier.platform.config.Settings;
import java.time.Duration;

/**
 * What of the topics and groups is up to the operator.
 *
 * @param partitions    partitions of every topic that is split by job: the most coordinators that can share the jobs
 * @param replication   replicas of each partition; 0 means three, or as many as there are brokers if they are fewer
 * @param lease         how long a worker may hold a task without renewing
 * @param deliveryLimit how often the broker delivers a task whose worker is lost before it is a dead letter
 */
public record TopicSettings(int partitions, int replication, Duration lease, int deliveryLimit) {
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(15);

    public static TopicSettings defaults() {
        return new TopicSettings(4, 0, DEFAULT_LEASE, 10);
    }

    /** Reads {@code topics.partitions}, {@code topics.replication}, {@code lease.seconds}, {@code delivery.limit}. */
    public static TopicSettings from(Settings settings) {
        TopicSettings fallback = defaults();
        return new TopicSettings(settings.integer("topics.partitions", fallback.partitions, 1, 10_000),
                settings.integer("topics.replication", fallback.replication, 0, 100),
                settings.seconds("lease.seconds", fallback.lease),
                settings.integer("delivery.limit", fallback.deliveryLimit, 2, 25));
    }
}
