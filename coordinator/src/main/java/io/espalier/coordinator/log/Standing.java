package io.espalier.coordinator.log;

import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.WorkerKind;
import java.time.Instant;

/**
 * What of a running job matters to those who wait with it.
 *
 * @param kind     workers that its open stage asks for
 * @param waiting  tasks of the stage that nobody has begun
 * @param underWay tasks of the stage that a worker is at
 */
record Standing(WorkerKind kind, String team, int priority, Instant submittedAt, int waiting, int underWay) {

    /** Null for a job that does not run. */
    static Standing of(JobSnapshot job) {
        if (job.state() != JobSnapshot.State.RUNNING) {
            return null;
        }
        return job.stages().stream().filter(stage -> stage.state() == JobSnapshot.StageState.RUNNING).findFirst()
                .map(stage -> new Standing(kind(stage), job.request().team(), job.request().priority(),
                        job.submittedAt(), stage.tasks() - stage.done() - stage.running().size(),
                        stage.running().size()))
                .orElse(null);
    }

    /** SEARCH proposes in even rounds and measures in odd ones; SELECT scores, then cuts and trains, then measures. */
    private static WorkerKind kind(JobSnapshot.Stage stage) {
        return switch (stage.stage()) {
            case SEARCH -> stage.round() % 2 == 0 ? WorkerKind.SCORING : WorkerKind.EVAL;
            case SELECT -> switch (stage.round()) {
                case 0, 1, 2 -> WorkerKind.SCORING;
                case 3, 4 -> WorkerKind.GPU;
                default -> WorkerKind.EVAL;
            };
            default -> stage.stage().worker();
        };
    }

    /** Waits with nothing under way. */
    boolean queued() {
        return waiting > 0 && underWay == 0;
    }
}
