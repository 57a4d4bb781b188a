package io.espalier.platform.kafka;

import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Settings of the workers' share groups. They are the group's, not the member's, and the first member to join takes
 * what it finds: hence they are set before any worker polls.
 */
final class ShareGroups {
    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Admin admin;
    private final TopicSettings settings;

    ShareGroups(Admin admin, TopicSettings settings) {
        this.admin = admin;
        this.settings = settings;
    }

    void configure() throws ExecutionException, InterruptedException {
        Collection<AlterConfigOp> operations = config().entrySet().stream()
                .map(entry -> new AlterConfigOp(new ConfigEntry(entry.getKey(), entry.getValue()),
                        AlterConfigOp.OpType.SET))
                .toList();
        var changes = new HashMap<ConfigResource, Collection<AlterConfigOp>>();
        for (WorkerKind kind : List.of(WorkerKind.values())) {
            changes.put(new ConfigResource(ConfigResource.Type.GROUP, Topic.workersGroup(kind)), operations);
        }
        admin.incrementalAlterConfigs(changes).all().get();
        awaitVisible(changes.keySet());
    }

    /** Brokers learn of a change a moment after the controller has taken it. */
    private void awaitVisible(Collection<ConfigResource> groups) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (!admin.describeConfigs(groups).all().get().values().stream().allMatch(this::isOurs)
                && System.nanoTime() < deadline) {
            Thread.sleep(LOOK_EVERY);
        }
    }

    private boolean isOurs(Config found) {
        return config().entrySet().stream().allMatch(entry -> {
            ConfigEntry there = found.get(entry.getKey());
            return there != null && entry.getValue().equals(there.value());
        });
    }

    private Map<String, String> config() {
        return Map.of(
                // a task published before the first worker came is a task
                "share.auto.offset.reset", "earliest",
                // tasks are published in the coordinator's transactions
                "share.isolation.level", "read_committed",
                "share.record.lock.duration.ms", Long.toString(settings.lease().toMillis()),
                "share.delivery.count.limit", Integer.toString(settings.deliveryLimit()),
                "share.renew.acknowledge.enable", "true",
                "errors.deadletterqueue.topic.name", Topic.DEAD_LETTERS.topicName(),
                "errors.deadletterqueue.copy.record.enable", "true");
    }
}
