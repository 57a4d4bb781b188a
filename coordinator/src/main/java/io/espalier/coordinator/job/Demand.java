package io.espalier.coordinator.job;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What an open job asks of the workers.
 *
 * @param waiting tasks that may be published, now or after their back-off, the longest first; none while the job is paused
 * @param held    how many of its tasks are published or under way, by kind of worker
 * @param begun   those of them whose results others may take, while the job runs
 */
public record Demand(JobId job, String team, int priority, Instant submittedAt, List<Waiting> waiting,
        Map<WorkerKind, Integer> held, List<Sharable> begun) {
    /** Within a team: what is urgent first, then what came first. */
    static final Comparator<Demand> BY_TURN = Comparator.comparing(Demand::priority).reversed()
            .thenComparing(Demand::submittedAt).thenComparing(demand -> demand.job().value());

    /**
     * @param due  not before this
     * @param work null if it is to be done in any case, whatever others find out
     */
    public record Waiting(TaskId task, WorkerKind kind, Instant due, Work work) {}

    /** A task whose result answers equal work of other jobs. */
    public record Sharable(TaskId task, Work work) {}

    public Demand {
        waiting = List.copyOf(waiting);
        held = Map.copyOf(held);
        begun = List.copyOf(begun);
    }

    public static Demand of(Job job) {
        List<Waiting> waiting = new ArrayList<>();
        Map<WorkerKind, Integer> held = new EnumMap<>(WorkerKind.class);
        List<Sharable> begun = new ArrayList<>();
        boolean running = job.state() instanceof JobState.Running;
        boolean shares = job.request().cache();
        job.current().stream().flatMap(stage -> stage.tasks().stream()).sorted(TaskRun.BY_TURN).forEach(task -> {
            switch (task.state()) {
                case TaskState.Waiting state when running -> waiting.add(new Waiting(task.id(), task.work().worker(),
                        state.until(), shares ? task.work() : null));
                case TaskState.Queued _,TaskState.Working _ -> {
                    held.merge(task.work().worker(), 1, Integer::sum);
                    if (running && shares) {
                        begun.add(new Sharable(task.id(), task.work()));
                    }
                }
                case TaskState.Waiting _,TaskState.Done _ -> {
                    // asks for nothing
                }
            }
        });
        return new Demand(job.id(), job.request().team(), job.request().priority(), job.submittedAt(), waiting, held,
                begun);
    }
}
