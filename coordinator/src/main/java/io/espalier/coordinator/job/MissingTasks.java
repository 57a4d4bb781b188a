package io.espalier.coordinator.job;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.WorkerKind;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which tasks are published and not begun, and yet no longer in their queue. Only what is seen so at two looks is missing: of
 * what a worker has just taken the report may still be on its way.
 */
public final class MissingTasks {
    private Set<Published> before = Set.of();

    /** An attempt that is published and of which no worker has been heard. */
    public record Published(TaskId task, int attempt, WorkerKind kind) {}

    public static Set<Published> published(Collection<Job> open) {
        return open.stream().flatMap(job -> job.current().stream()).flatMap(stage -> stage.tasks().stream())
                .filter(task -> task.state() instanceof TaskState.Queued)
                .map(task -> new Published(task.id(), task.state().attempt(), task.work().worker()))
                .collect(Collectors.toSet());
    }

    /**
     * One look.
     *
     * @param published what was published before the queues were read
     * @param queued    what the workers of a kind have still to do or are doing; a kind that is not known now is absent
     * @return what was missing at the look before as well
     */
    public Set<Published> look(Set<Published> published, Map<WorkerKind, Set<TaskId>> queued) {
        Set<Published> missing = published.stream().filter(each -> queued.containsKey(each.kind()) && !queued.get(each
                .kind()).contains(each.task())).collect(Collectors.toSet());
        Set<Published> lost = missing.stream().filter(before::contains).collect(Collectors.toSet());
        before = missing;
        return lost;
    }
}
