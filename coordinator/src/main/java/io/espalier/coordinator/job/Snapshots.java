package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What everyone may know about a job, made from its state. */
public final class Snapshots {
    private Snapshots() {}

    /** Throws where what a worker reported is not what {@link io.espalier.protocol.message.Work} promises. */
    public static void requirePresentable(Job before, List<JobEvent> events, Instant at) {
        of(Job.replay(before, events), at);
    }

    public static JobSnapshot of(Job job, Instant at) {
        var found = new Findings(job, at);
        ModelFacts facts = found.facts().orElse(null);
        return new JobSnapshot(job.id(), job.request().name(), job.publicState(), job.revision(), progress(job),
                job.submittedAt(), job.changedAt(), endedAt(job), job.request(), job.submission(),
                job.stages().stream().map(stage -> stage(stage, facts, at)).toList(), problem(job), facts,
                Results.plan(found), found.lastPlan().orElse(null), Results.models(found),
                Protocols.of(found), found.factsOf(StageName.RECOVER, 1).orElse(null), search(job), exports(found),
                job.environment(), job.timeline(),
                artifacts(job), null, null);
    }

    /** Null where nothing is measured to choose among candidates. */
    private static ObjectNode search(Job job) {
        return job.stages().stream().filter(stage -> stage.name() == StageName.SEARCH).reduce((_, last) -> last)
                .map(stage -> stage.totals().generations()).filter(generations -> !generations.isEmpty())
                .map(Generations::toJson).orElse(null);
    }

    private static ArrayNode exports(Findings found) {
        return found.factsOf(StageName.REPORT, 1).map(facts -> facts.get("exports"))
                .map(exports -> exports instanceof ArrayNode array ? array : null).orElse(null);
    }

    private static JobSnapshot.Stage stage(StageRun stage, ModelFacts facts, Instant at) {
        Totals totals = stage.totals();
        return new JobSnapshot.Stage(stage.name(), stage.step(), state(stage), Math.max(0, stage.round()),
                totals.tasks(), totals.done(), totals.attempts(), stage.progress(), totals.queuedSeconds(),
                totals.busySeconds(), wallSeconds(stage, at), totals.done() > 0 && totals.fromCache() == totals.done(),
                totals.tokens(), totals.peakMemoryBytes(), stage.openedAt(), stage.closedAt(), running(stage),
                stage.name() == StageName.SCORE && facts != null ? facts.mergeNote() : null);
    }

    private static JobSnapshot.StageState state(StageRun stage) {
        if (stage.closed()) {
            return JobSnapshot.StageState.DONE;
        }
        return stage.open() ? JobSnapshot.StageState.RUNNING : JobSnapshot.StageState.WAITING;
    }

    private static double wallSeconds(StageRun stage, Instant at) {
        if (stage.openedAt() == null) {
            return 0;
        }
        Instant end = stage.closed() ? stage.closedAt() : at;
        return Math.max(0, Duration.between(stage.openedAt(), end).toMillis() / 1000.0);
    }

    private static List<JobSnapshot.Attempt> running(StageRun stage) {
        return stage.tasks().stream().<JobSnapshot.Attempt>mapMulti((task, down) -> {
            if (task.state() instanceof TaskState.Working working) {
                down.accept(new JobSnapshot.Attempt(task.id(), working.attempt(), working.worker(),
                        working.startedAt(), working.ratio(), working.tokens(), working.message()));
            }
        }).toList();
    }

    /** Stages weighted by what they usually cost. */
    static double progress(Job job) {
        if (job.state() instanceof JobState.Succeeded) {
            return 1;
        }
        double done = job.stages().stream().mapToDouble(stage -> weight(stage.name()) * stage.progress()).sum();
        double all = job.stages().stream().mapToDouble(stage -> weight(stage.name())).sum();
        return done / all;
    }

    private static double weight(StageName stage) {
        return switch (stage) {
            case PREPARE, RANK, REPORT -> 1;
            case SLICE, TIME -> 2;
            case SCORE, EVALUATE -> 4;
            case RECOVER, SEARCH, SELECT -> 8;
        };
    }

    private static Instant endedAt(Job job) {
        return switch (job.state()) {
            case JobState.Succeeded(Instant at) -> at;
            case JobState.Failed(JobSnapshot.Problem _, Instant at) -> at;
            case JobState.Cancelled(Instant at) -> at;
            case JobState.Running _,JobState.Paused _,JobState.Deleted _ -> null;
        };
    }

    private static JobSnapshot.Problem problem(Job job) {
        return job.state() instanceof JobState.Failed failed ? failed.problem() : null;
    }

    private static List<ArtifactRef> artifacts(Job job) {
        Set<ArtifactRef> all = new LinkedHashSet<>();
        for (StageRun stage : job.stages()) {
            for (TaskRun task : stage.tasks()) {
                if (task.checkpoint() != null) {
                    all.add(task.checkpoint());
                }
                if (task.state() instanceof TaskState.Done done) {
                    all.addAll(done.outputs().values());
                }
            }
        }
        return List.copyOf(all);
    }

    /** The snapshot as it reads once the job has ended so. */
    static JobSnapshot ended(JobSnapshot s, JobSnapshot.State state, Instant at) {
        return new JobSnapshot(s.id(), s.name(), state, s.revision(), 1, s.submittedAt(), at, at, s.request(),
                s.submission(), s.stages(), s.error(), s.facts(), s.plan(), s.planArtifact(), s.models(), s.protocols(),
                s.recovery(), s.search(), s.exports(), s.environment(), s.timeline(), s.artifacts(), null, null);
    }
}
