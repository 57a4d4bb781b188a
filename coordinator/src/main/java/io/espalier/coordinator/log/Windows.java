package io.espalier.coordinator.log;

import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many tasks of each kind may be published or under way at once: enough that no worker waits while its report
 * travels, and so few that an urgent task does not stand behind many others. The members of the share groups tell how
 * many workers there are.
 */
public final class Windows implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Windows.class);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final long PATIENCE_SECONDS = 10;
    /** One task more for this many workers. */
    private static final int WORKERS_PER_SPARE = 4;

    private final Admin admin;
    private final int spare;
    private final Map<WorkerKind, Integer> workers = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> Thread
            .ofPlatform().name("worker-count").daemon().unstarted(task));

    /** @param spare tasks published beyond those that workers can be at, at least 1 */
    public Windows(KafkaSettings kafka, int spare) {
        this.admin = Admin.create(kafka.admin());
        this.spare = spare;
        thread.scheduleWithFixedDelay(this::count, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Workers of a kind, as far as known. */
    public int workers(WorkerKind kind) {
        return workers.getOrDefault(kind, 0);
    }

    /** @param share of the jobs that is ours, 0 to 1 */
    Map<WorkerKind, Integer> of(double share) {
        Map<WorkerKind, Integer> windows = new EnumMap<>(WorkerKind.class);
        for (WorkerKind kind : WorkerKind.values()) {
            int all = workers(kind) + workers(kind) / WORKERS_PER_SPARE;
            windows.put(kind, (int) Math.ceil(all * share) + spare);
        }
        return windows;
    }

    /** What is not known now stays as it was. */
    private void count() {
        List<String> groups = Arrays.stream(WorkerKind.values()).map(Topic::workersGroup).toList();
        try {
            var described = admin.describeShareGroups(groups).describedGroups();
            for (WorkerKind kind : WorkerKind.values()) {
                workers.put(kind, members(kind, described));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.atInfo().addKeyValue("reason", String.valueOf(e.getMessage())).log("cannot count the workers for now");
        }
    }

    private static int members(WorkerKind kind,
            Map<String, KafkaFuture<ShareGroupDescription>> groups)
            throws ExecutionException, InterruptedException, TimeoutException {
        try {
            return groups.get(Topic.workersGroup(kind)).get(PATIENCE_SECONDS, TimeUnit.SECONDS).members().size();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return 0; // no worker of this kind has come yet
            }
            throw e;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        admin.close(Duration.ZERO);
    }
}
