package io.espalier.coordinator.log;

import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions of coordinators that the brokers have forgotten. A broker that dies in the middle of a transaction may
 * come back with the transaction still open in some partitions while its own transaction log says that nothing is: no
 * time-out ends it then, readers of committed records wait there for ever (also the workers' share groups), and offsets
 * cannot be read. What is open under an epoch that has been followed by another, and whose producer has nothing left to conclude can
 * never be committed; seen so twice in a row, it is aborted, as {@code kafka-transactions.sh abort} does by hand.
 */
public final class HangingTransactions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HangingTransactions.class);
    private static final Duration EVERY = Duration.ofSeconds(10);
    private static final long PATIENCE_SECONDS = 10;
    private static final String OFFSETS = "__consumer_offsets";
    /**
     * States in which every transaction of an older epoch has been concluded in all its partitions. While one is prepared,
     * its commit may still be on the way to a partition under the older epoch: that one must be left alone.
     */
    private static final Set<TransactionState> CONCLUDED = EnumSet.of(TransactionState.EMPTY, TransactionState.ONGOING,
            TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT);

    /** A transaction that is open in a partition though its producer has gone on. */
    private record Hanging(TopicPartition partition, long producer, int epoch, long start) {}

    private final Admin admin;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> Thread
            .ofPlatform().name("hanging-transactions").daemon().unstarted(task));
    private Set<Hanging> seen = Set.of();

    public HangingTransactions(KafkaSettings kafka) {
        this.admin = Admin.create(kafka.admin());
        thread.scheduleWithFixedDelay(this::look, EVERY.toSeconds(), EVERY.toSeconds(), TimeUnit.SECONDS);
    }

    private void look() {
        try {
            Set<Hanging> now = find();
            for (Hanging hanging : now) {
                if (seen.contains(hanging)) {
                    abort(hanging);
                }
            }
            seen = now;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.atInfo().addKeyValue("reason", String.valueOf(e.getMessage())).log(
                    "cannot look for hanging transactions for now");
        }
    }

    private Set<Hanging> find() throws ExecutionException, InterruptedException, TimeoutException {
        Map<Long, Integer> epochs = epochs();
        Set<Hanging> found = new HashSet<>();
        if (epochs.isEmpty()) {
            return found;
        }
        admin.describeProducers(partitions()).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS).forEach((partition,
                state) -> {
            for (ProducerState producer : state.activeProducers()) {
                Integer current = epochs.get(producer.producerId());
                if (current != null && producer.producerEpoch() < current && producer.currentTransactionStartOffset()
                        .isPresent()) {
                    found.add(new Hanging(partition, producer.producerId(), producer.producerEpoch(), producer
                            .currentTransactionStartOffset().getAsLong()));
                }
            }
        });
        return found;
    }

    /** The latest epoch of each coordinator's producer, but of those whose last transaction is still being concluded. */
    private Map<Long, Integer> epochs() throws ExecutionException, InterruptedException, TimeoutException {
        List<String> ours = new ArrayList<>();
        for (TransactionListing listing : admin.listTransactions().all().get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            if (listing.transactionalId().startsWith(LoopIdentity.TRANSACTIONS)) {
                ours.add(listing.transactionalId());
            }
        }
        Map<Long, Integer> epochs = new HashMap<>();
        for (TransactionDescription transaction : admin.describeTransactions(ours).all().get(PATIENCE_SECONDS,
                TimeUnit.SECONDS).values()) {
            if (CONCLUDED.contains(transaction.state())) {
                epochs.put(transaction.producerId(), transaction.producerEpoch());
            }
        }
        return epochs;
    }

    private List<TopicPartition> partitions() throws ExecutionException, InterruptedException, TimeoutException {
        List<String> topics = Stream.concat(Arrays.stream(Topic.values()).map(Topic::topicName), Stream.of(OFFSETS))
                .toList();
        List<TopicPartition> partitions = new ArrayList<>();
        admin.describeTopics(topics).allTopicNames().get(PATIENCE_SECONDS, TimeUnit.SECONDS).values().forEach(
                topic -> topic.partitions().forEach(partition -> partitions.add(new TopicPartition(topic.name(),
                        partition.partition()))));
        return partitions;
    }

    private void abort(Hanging hanging) throws ExecutionException, InterruptedException, TimeoutException {
        LOG.atWarn().addKeyValue("partition", hanging.partition()).addKeyValue("producer", hanging.producer())
                .addKeyValue("epoch", hanging.epoch()).addKeyValue("offset", hanging.start())
                .log("a transaction hangs, which the brokers have forgotten: aborting it");
        admin.abortTransaction(
                new AbortTransactionSpec(hanging.partition(), hanging.producer(), (short) hanging.epoch(),
                        0))
                .all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        admin.close(Duration.ZERO);
    }
}
