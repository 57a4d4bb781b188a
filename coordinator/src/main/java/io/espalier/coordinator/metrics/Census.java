package io.espalier.coordinator.metrics;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.StageRun;
import io.espalier.coordinator.job.TaskRun;
import io.espalier.coordinator.job.TaskState;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.WorkerKind;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/** How many jobs are in each state, and how many tasks wait for or are with each kind of worker. */
record Census(Map<JobSnapshot.State, Integer> states, Map<WorkerKind, Integer> waiting,
        Map<WorkerKind, Integer> running) {
    static final Census NONE = new Census(Map.of(), Map.of(), Map.of());

    static Census of(Map<JobSnapshot.State, Integer> states, Collection<Job> open) {
        Map<WorkerKind, Integer> waiting = new EnumMap<>(WorkerKind.class);
        Map<WorkerKind, Integer> running = new EnumMap<>(WorkerKind.class);
        for (Job job : open) {
            boolean goesOn = job.publicState() == JobSnapshot.State.RUNNING;
            for (StageRun stage : job.stages()) {
                for (TaskRun task : stage.tasks()) {
                    switch (task.state()) {
                        case TaskState.Queued _,TaskState.Waiting _ when goesOn -> waiting.merge(task.work().worker(),
                                1, Integer::sum);
                        case TaskState.Working _ -> running.merge(task.work().worker(), 1, Integer::sum);
                        case TaskState.Queued _,TaskState.Waiting _,TaskState.Done _ -> {
                            // waits for its job or for nothing
                        }
                    }
                }
            }
        }
        return new Census(states, waiting, running);
    }
}
