package io.espalier.coordinator.estimate;

import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.WorkerKind;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** How many workers of each kind there are, told by who was seen at work lately. */
final class Workforce {
    private static final Duration LATELY = Duration.ofMinutes(10);

    private record Seen(WorkerKind kind, Instant at) {}

    private final Map<WorkerId, Seen> seen = new HashMap<>();

    void observe(JobSnapshot job) {
        for (JobSnapshot.Stage stage : job.stages()) {
            stage.running().forEach(attempt -> seen.put(attempt.worker(), new Seen(kind(attempt.worker(), stage), job
                    .updatedAt())));
        }
    }

    /** Some stages have tasks for two kinds of workers; a worker's name begins with its kind. */
    private static WorkerKind kind(WorkerId worker, JobSnapshot.Stage stage) {
        for (WorkerKind kind : WorkerKind.values()) {
            if (worker.value().startsWith(kind.label())) {
                return kind;
            }
        }
        return stage.stage().worker();
    }

    /** At least one of each: without workers nothing would ever end, and that is not for us to say. */
    Map<WorkerKind, Integer> at(Instant now) {
        seen.values().removeIf(worker -> worker.at().isBefore(now.minus(LATELY)));
        Map<WorkerKind, Integer> count = new EnumMap<>(WorkerKind.class);
        seen.values().forEach(worker -> count.merge(worker.kind(), 1, Integer::sum));
        for (WorkerKind kind : WorkerKind.values()) {
            count.putIfAbsent(kind, 1);
        }
        return count;
    }
}
