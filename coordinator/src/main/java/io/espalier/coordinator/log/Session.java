package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Decider;
import io.espalier.coordinator.job.Dispatcher;
import io.espalier.coordinator.log.JobBook.Entry;
import io.espalier.coordinator.trace.JobSpans;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.topic.Topic;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of the loop: a member of the coordinators' group and a transactional producer. Each turn is one transaction,
 * whose offsets are those of all its partitions even if it only ticked: they carry the membership, by which the broker
 * refuses a coordinator that was given up in the meantime.
 */
final class Session implements ConsumerRebalanceListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final List<String> INPUTS = List.of(Topic.REQUESTS.topicName(), Topic.REPORTS.topicName());

    private final Decider decider;
    private final Dispatcher dispatcher;
    private final Windows windows;
    private final JobObserver observer;
    private final InstantSource clock;
    private final JobLogReader log;
    private final KafkaConsumer<String, byte[]> consumer;
    private final KafkaProducer<String, byte[]> producer;
    private final List<KafkaClientMetrics> meters;
    private final Submission submission;
    private final JobSpans spans;
    private final Map<Integer, JobBook> books = new HashMap<>();
    /** Ends of the inputs when they were assigned: before they are reached, silence says nothing about workers. */
    private final Map<TopicPartition, Long> backlogEnds = new HashMap<>();
    private InputReader reader;
    private Outbox outbox;
    private Instant nextTick = Instant.EPOCH;
    private int partitions;
    private boolean joined;

    Session(KafkaSettings kafka, LoopIdentity identity, Decider decider, Dispatcher dispatcher, Windows windows,
            Submission submission, JobSpans spans, JobObserver observer, MeterRegistry registry, InstantSource clock) {
        this.decider = decider;
        this.dispatcher = dispatcher;
        this.windows = windows;
        this.submission = submission;
        this.spans = spans;
        this.observer = observer;
        this.clock = clock;
        this.log = new JobLogReader(kafka);
        this.consumer = new KafkaConsumer<>(identity.consumer(kafka.consumer("espalier-coordinator-in")));
        this.producer = new KafkaProducer<>(identity.producer(kafka.producer("espalier-coordinator-out")));
        this.meters = List.of(new KafkaClientMetrics(consumer), new KafkaClientMetrics(producer));
        meters.forEach(meter -> meter.bindTo(registry));
    }

    void open() {
        producer.initTransactions();
        partitions = consumer.partitionsFor(Topic.REQUESTS.topicName()).size();
        var partitioning = new Partitioning(partitions);
        reader = new InputReader(submission, partitioning, spans);
        outbox = new Outbox(JobLoop.codec(), partitioning, spans);
        consumer.subscribe(INPUTS, this);
    }

    boolean joined() {
        return joined;
    }

    /** Reads what there is, decides, and commits all that follows from it. */
    void turn() {
        ConsumerRecords<String, byte[]> records;
        try {
            records = consumer.poll(TICK);
        } catch (WakeupException e) {
            return;
        }
        Instant now = clock.instant();
        var batch = new Batch(decider, reader, outbox, books, now);
        for (ConsumerRecord<String, byte[]> record : records) {
            batch.take(record);
        }
        boolean tick = !now.isBefore(nextTick);
        if (tick) {
            books.keySet().stream().filter(this::caughtUp).forEach(batch::tick);
            nextTick = now.plus(TICK);
        }
        if (tick || !records.isEmpty()) {
            batch.dispatch(dispatcher, windows.of((double) books.size() / partitions));
        }
        List<ProducerRecord<String, byte[]>> output = batch.records();
        if (!records.isEmpty() || !output.isEmpty()) {
            commit(output);
        }
        batch.apply(observer);
        if (tick) {
            tellOwned();
        }
    }

    private void tellOwned() {
        Map<JobSnapshot.State, Integer> states = new EnumMap<>(JobSnapshot.State.class);
        books.values().forEach(book -> book.counts().forEach((state, count) -> states.merge(state, count,
                Integer::sum)));
        observer.owned(states, books.values().stream().flatMap(book -> book.open().stream()).map(Entry::job)
                .toList());
    }

    private void commit(List<ProducerRecord<String, byte[]>> output) {
        producer.beginTransaction();
        output.forEach(producer::send);
        Map<TopicPartition, OffsetAndMetadata> offsets = consumer.assignment().stream().collect(Collectors.toMap(
                partition -> partition, partition -> new OffsetAndMetadata(consumer.position(partition))));
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        producer.commitTransaction();
    }

    private boolean caughtUp(int partition) {
        backlogEnds.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
        return backlogEnds.keySet().stream().noneMatch(input -> input.partition() == partition);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        Set<TopicPartition> inputs = Set.copyOf(assigned);
        Set<Integer> partitions = inputs.stream().map(TopicPartition::partition).collect(Collectors.toSet());
        // waits until a predecessor's last transaction is decided; only then does the log tell all
        consumer.committed(inputs);
        backlogEnds.putAll(consumer.endOffsets(inputs));
        books.putAll(log.read(partitions, clock.instant()));
        joined = true;
        LOG.atInfo().addKeyValue("partitions", partitions).addKeyValue("jobs",
                books.values().stream().mapToInt(JobBook::size).sum()).log("owning partitions");
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        revoked.forEach(input -> {
            books.remove(input.partition());
            backlogEnds.remove(input);
        });
    }

    void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        meters.forEach(KafkaClientMetrics::close);
        try {
            producer.close(CLOSE_PATIENCE);
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE_PATIENCE)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        }
    }
}
