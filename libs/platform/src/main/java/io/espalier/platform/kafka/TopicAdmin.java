package io.espalier.platform.kafka;

import io.espalier.protocol.topic.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cluster ready for us: topics and share groups as declared in {@link Topic}. Every process may call it at its
 * start; whoever comes first creates, the others verify.
 */
public final class TopicAdmin implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);
    /** The broker feature behind share groups; level 1 came with Kafka 4.2. */
    private static final String SHARE_FEATURE = "share.version";
    private static final int MOST_REPLICAS = 3;

    private final Admin admin;
    private final TopicSettings settings;

    public TopicAdmin(KafkaSettings kafka, TopicSettings settings) {
        this(Admin.create(kafka.admin()), settings);
    }

    TopicAdmin(Admin admin, TopicSettings settings) {
        this.admin = admin;
        this.settings = settings;
    }

    /**
     * Creates what is missing and verifies what is there.
     *
     * @throws ClusterNotReadyException in one clear sentence, if the cluster cannot serve us
     */
    public void ensure() throws ClusterNotReadyException, InterruptedException {
        requireShareGroups();
        createTopics();
        verifyPartitions();
        try {
            new ShareGroups(admin, settings).configure();
        } catch (ExecutionException e) {
            throw new ClusterNotReadyException("cannot configure the share groups of the workers", e.getCause());
        }
    }

    private void requireShareGroups() throws ClusterNotReadyException, InterruptedException {
        FinalizedVersionRange level;
        try {
            level = admin.describeFeatures().featureMetadata().get().finalizedFeatures().get(SHARE_FEATURE);
        } catch (ExecutionException e) {
            throw new ClusterNotReadyException("cannot ask the Kafka cluster for its features", e.getCause());
        }
        if (level == null || level.maxVersionLevel() < 1) {
            throw new ClusterNotReadyException("this Kafka cluster has no share groups: use Apache Kafka 4.2 or newer"
                    + " with the feature " + SHARE_FEATURE + " at level 1 (kafka-features.sh upgrade --feature "
                    + SHARE_FEATURE + "=1)");
        }
    }

    private void createTopics() throws ClusterNotReadyException, InterruptedException {
        try {
            short replication = replication();
            List<NewTopic> topics = Arrays.stream(Topic.values())
                    .map(topic -> new NewTopic(topic.topicName(), partitions(topic), replication)
                            .configs(topic.config()))
                    .toList();
            for (var result : admin.createTopics(topics).values().entrySet()) {
                awaitCreated(result.getKey(), result.getValue());
            }
        } catch (ExecutionException e) {
            throw new ClusterNotReadyException("cannot create the topics", e.getCause());
        }
    }

    private static void awaitCreated(String topic, Future<Void> creation)
            throws ExecutionException, InterruptedException {
        try {
            creation.get();
            LOG.atInfo().addKeyValue("topic", topic).log("topic created");
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** A partition count cannot be lowered, and raising it would tear jobs apart: that is the operator's decision. */
    private void verifyPartitions() throws ClusterNotReadyException, InterruptedException {
        Map<String, TopicDescription> found = describe();
        var wrong = new ArrayList<String>();
        for (Topic topic : Topic.values()) {
            int there = found.get(topic.topicName()).partitions().size();
            if (there != partitions(topic)) {
                wrong.add(topic.topicName() + " has " + there + " partitions, not " + partitions(topic));
            }
        }
        if (!wrong.isEmpty()) {
            throw new ClusterNotReadyException(String.join("; ", wrong)
                    + ": set ESPALIER_TOPICS_PARTITIONS to what is there, or delete the topics while nothing runs");
        }
    }

    /** A topic just created may be unknown to another broker for a moment. */
    private Map<String, TopicDescription> describe() throws ClusterNotReadyException, InterruptedException {
        Collection<String> names = Arrays.stream(Topic.values()).map(Topic::topicName).toList();
        for (int attempt = 1;; attempt++) {
            try {
                return admin.describeTopics(names).allTopicNames().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || attempt == 20) {
                    throw new ClusterNotReadyException("cannot read the topics", e.getCause());
                }
                Thread.sleep(100);
            }
        }
    }

    private int partitions(Topic topic) {
        return switch (topic.partitions()) {
            case ONE -> 1;
            case BY_JOB -> settings.partitions();
        };
    }

    private short replication() throws ExecutionException, InterruptedException {
        int brokers = admin.describeCluster().nodes().get().size();
        return (short) (settings.replication() > 0 ? settings.replication() : Math.min(MOST_REPLICAS, brokers));
    }

    @Override
    public void close() {
        admin.close();
    }
}
