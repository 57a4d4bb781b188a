package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.EqualWork;
import io.espalier.protocol.message.Work;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which work is begun, so that nobody begins an equal one. What is told of a task is remembered while it is open. */
final class Twins {
    private final Map<TaskId, Optional<ObjectNode>> known = new HashMap<>();
    private final Set<ObjectNode> begun = new HashSet<>();

    /** A new turn: only what these hold is begun. */
    void begin(Collection<Demand> demands) {
        begun.clear();
        known.keySet().retainAll(demands.stream().flatMap(demand -> Stream.concat(demand.begun()
                .stream().map(Demand.Sharable::task), demand.waiting().stream().map(Demand.Waiting::task)))
                .collect(Collectors.toSet()));
        demands.stream().flatMap(demand -> demand.begun().stream()).forEach(task -> reduced(task.task(), task.work())
                .ifPresent(begun::add));
    }

    /** True if no equal work is begun; from now on it is. */
    boolean mayBegin(Demand.Waiting task) {
        return task.work() == null || reduced(task.task(), task.work()).map(begun::add).orElse(true);
    }

    private Optional<ObjectNode> reduced(TaskId task, Work work) {
        return known.computeIfAbsent(task, _ -> EqualWork.of(work));
    }
}
