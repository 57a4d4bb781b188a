package io.espalier.coordinator.job;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Events as lines for people: what a watcher sees beside the progress. */
final class Timeline {
    private Timeline() {}

    static List<Moment> add(List<Moment> before, JobEvent event, Job job) {
        Optional<Moment> moment = describe(event, job).map(line -> new Moment(event.at(), type(event), line));
        if (moment.isEmpty()) {
            return before;
        }
        List<Moment> next = new ArrayList<>(before);
        next.add(moment.get());
        int surplus = next.size() - JobSnapshot.TIMELINE_LENGTH;
        return surplus > 0 ? next.subList(surplus, next.size()) : next;
    }

    /** {@code stage-opened} for {@link JobEvent.StageOpened}. */
    static String type(JobEvent event) {
        return event.getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    private static Optional<String> describe(JobEvent event, Job job) {
        String line = switch (event) {
            case JobEvent.JobAccepted accepted -> "accepted: " + accepted.pipeline().size() + " stages";
            case JobEvent.StageOpened opened -> stage(job, opened.stage()) + " opened";
            case JobEvent.StageClosed closed -> stage(job, closed.stage()) + " done";
            case JobEvent.RoundOpened opened -> stage(job, opened.stage()) + " round " + opened.round();
            case JobEvent.AttemptFailed failed -> task(job, failed.task()) + " failed in attempt " + failed.attempt()
                    + " (" + failed.kind() + "): " + failed.message();
            case JobEvent.AttemptDrained drained -> task(job, drained.task()) + " given back by its worker"
                    + (drained.checkpoint() == null ? "" : " with a checkpoint");
            case JobEvent.AttemptHeld held -> task(job, held.task()) + " held"
                    + (held.checkpoint() == null ? "" : " with a checkpoint");
            case JobEvent.AttemptTimedOut lost -> task(job, lost.task()) + ": worker " + lost.worker()
                    + " is silent, given up";
            case JobEvent.JobPaused _ -> "paused";
            case JobEvent.JobResumed _ -> "resumed";
            case JobEvent.JobSucceeded _ -> "succeeded";
            case JobEvent.JobFailed failed -> "failed: " + failed.problem().message();
            case JobEvent.JobCancelled _ -> "cancelled";
            case JobEvent.JobRetried _ -> "retried";
            default -> null; // too many of them to be worth a line
        };
        return Optional.ofNullable(line);
    }

    private static String stage(Job job, int index) {
        StageRun stage = job.stages().get(index);
        boolean repeated = job.stages().stream().filter(other -> other.name() == stage.name()).count() > 1;
        return stage.name() + (repeated ? " of step " + stage.step() : "");
    }

    static String task(Job job, TaskId task) {
        return stage(job, task.stage()) + " task " + (task.index() + 1);
    }
}
