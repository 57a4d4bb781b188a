package io.espalier.coordinator.job;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.EqualWork;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which work is begun, so that nobody begins an equal one. Work is compared by digest, made once for each task: many turns
 * look at a task that waits for its twin. What is told of tasks that have ended is forgotten now and then.
 */
final class Twins {
    private static final int FEW = 10_000;

    private final Map<TaskId, Optional<String>> digests = new HashMap<>();
    private final Set<String> begun = new HashSet<>();
    private int keptLast;

    /** A new turn: only what these hold is begun. */
    void begin(Collection<Demand> demands) {
        if (digests.size() > FEW + 2 * keptLast) {
            digests.keySet().retainAll(open(demands));
            keptLast = digests.size();
        }
        begun.clear();
        demands.stream().flatMap(demand -> demand.begun().stream()).forEach(task -> digest(task.task(), task.work())
                .ifPresent(begun::add));
    }

    /** True if no equal work is begun; from now on it is. */
    boolean mayBegin(Demand.Waiting task) {
        return task.work() == null || digest(task.task(), task.work()).map(begun::add).orElse(true);
    }

    private static Set<TaskId> open(Collection<Demand> demands) {
        return demands.stream().flatMap(demand -> Stream.concat(demand.begun().stream().map(Demand.Sharable::task),
                demand.waiting().stream().map(Demand.Waiting::task))).collect(Collectors.toSet());
    }

    private Optional<String> digest(TaskId task, Work work) {
        return digests.computeIfAbsent(task, _ -> EqualWork.of(work).map(Json::digest));
    }
}
