package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.coordinator.job.MissingTasks;
import io.espalier.coordinator.job.MissingTasks.Published;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds tasks that are published and not begun, and yet no longer in their queue. A worker's share group counts
 * deliveries, and what was delivered too often without a result is buried; the dead letter that should tell us
 * ({@link PoisonWatch}) may itself get lost when the network fails at that moment. Such a task would wait for ever, so its
 * attempt is reported as failed, and it is published again.
 *
 * <p>What lies before the start offset of the group is done with. A worker reports the start of an attempt before it
 * acknowledges the task, so a task is lost if it is before that offset and nobody has been heard of; seen so at two looks,
 * because the report may still be on its way. Were it wrong, equal work would be done twice, and the first result count.
 */
public final class LostTasks implements JobObserver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LostTasks.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long PATIENCE_SECONDS = 10;

    private final Admin admin;
    private final Map<String, Object> consumerSettings;
    private final QueueReports reports;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> Thread
            .ofPlatform().name("lost-tasks").daemon().unstarted(task));
    private volatile Collection<Job> open = List.of();
    private final MissingTasks missing = new MissingTasks();

    /** @param every time between two looks; above what a report takes to be read */
    public LostTasks(KafkaSettings kafka, QueueReports reports, Duration every) {
        this.admin = Admin.create(kafka.admin());
        this.consumerSettings = kafka.consumer("espalier-lost-tasks");
        // also what a transaction has not concluded yet: it is still to come
        consumerSettings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        this.reports = reports;
        thread.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void happened(Job before, JobEvent event, Job after) {
        // what is open says it all
    }

    @Override
    public void owned(Map<JobSnapshot.State, Integer> states, Collection<Job> open) {
        this.open = open;
    }

    private void look() {
        try {
            Set<Published> published = MissingTasks.published(open);
            Map<WorkerKind, Set<TaskId>> queued = new EnumMap<>(WorkerKind.class);
            for (WorkerKind kind : published.stream().map(Published::kind).collect(Collectors.toSet())) {
                queued(kind).ifPresent(tasks -> queued.put(kind, tasks));
            }
            missing.look(published, queued).forEach(this::report);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.atInfo().addKeyValue("reason", String.valueOf(e.getMessage()))
                    .log("cannot look for lost tasks for now");
        }
    }

    /** What the group has still to do or is doing; empty if it has never done anything. */
    private Optional<Set<TaskId>> queued(WorkerKind kind) throws ExecutionException, InterruptedException,
            TimeoutException {
        Map<TopicPartition, SharePartitionOffsetInfo> standing = WorkersOffsets.of(admin, kind, PATIENCE_SECONDS);
        if (standing.isEmpty()) {
            return Optional.empty();
        }
        Map<TopicPartition, Long> from = standing.entrySet().stream()
                .filter(each -> each.getValue().lag().orElse(1L) > 0)
                .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().startOffset()));
        return Optional.of(from.isEmpty() ? Set.of() : read(from));
    }

    /** The tasks from these offsets to the ends. */
    private Set<TaskId> read(Map<TopicPartition, Long> from) {
        Set<TaskId> found = new HashSet<>();
        try (var consumer = new KafkaConsumer<String, byte[]>(consumerSettings)) {
            consumer.assign(from.keySet());
            from.forEach(consumer::seek);
            Map<TopicPartition, Long> ends = consumer.endOffsets(from.keySet());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL).forEach(record -> task(record).ifPresent(found::add));
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("the task topic cannot be read within " + PATIENCE_SECONDS + " s");
                }
            }
        }
        return found;
    }

    private static Optional<TaskId> task(ConsumerRecord<String, byte[]> record) {
        try {
            return Optional.of(EventCodec.decode(record, Task.class).id());
        } catch (UnreadableEventException e) {
            return Optional.empty(); // a worker will bury it
        }
    }

    private void report(Published lost) {
        LOG.atWarn().addKeyValue("task", lost.task()).addKeyValue("attempt", lost.attempt())
                .log("a task has left its queue and no worker has begun it: publishing it again");
        reports.failed(lost.task(), lost.attempt(), FailureKind.TRANSIENT,
                "the queue gave the task up, and no worker has begun it", null).onFailure(
                        e -> LOG.atWarn().setCause(
                                e).addKeyValue("task", lost.task()).log("a lost task cannot be reported for now"));
    }

    @Override
    public void close() {
        thread.shutdown(); // a look ends by itself: a consumer does not like to be interrupted
        admin.close(Duration.ZERO);
    }
}
