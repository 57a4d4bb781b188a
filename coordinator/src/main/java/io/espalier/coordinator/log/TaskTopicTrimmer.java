package io.espalier.coordinator.log;

import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.message.WorkerKind;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes task records that the workers' share groups have done with. Retention must not do it: it would drop tasks that
 * nobody has started. Several coordinators may do so at once.
 */
public final class TaskTopicTrimmer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskTopicTrimmer.class);
    private static final Duration EVERY = Duration.ofMinutes(5);
    private static final long PATIENCE_SECONDS = 30;

    private final Admin admin;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(task -> Thread
            .ofPlatform().name("task-topic-trimmer").daemon().unstarted(task));

    public TaskTopicTrimmer(KafkaSettings kafka) {
        this.admin = Admin.create(kafka.admin());
        worker.scheduleWithFixedDelay(this::trimAll, EVERY.toSeconds(), EVERY.toSeconds(), TimeUnit.SECONDS);
    }

    private void trimAll() {
        for (WorkerKind kind : WorkerKind.values()) {
            try {
                trim(kind);
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                LOG.atWarn().setCause(e).addKeyValue("kind", kind).log("cannot trim a task topic for now");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Deletes what lies before the group's start offset. */
    public void trim(WorkerKind kind) throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, RecordsToDelete> done = WorkersOffsets.of(admin, kind, PATIENCE_SECONDS).entrySet().stream()
                .filter(entry -> entry.getValue().startOffset() > 0).collect(Collectors.toMap(Map.Entry::getKey,
                        entry -> RecordsToDelete.beforeOffset(entry.getValue().startOffset())));
        if (!done.isEmpty()) {
            admin.deleteRecords(done).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
        admin.close();
    }
}
