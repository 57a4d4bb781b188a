package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.JobSnapshot;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** What happened to jobs, for operators: one line per event, with the job's id as key. */
public final class EventLog implements JobObserver {
    private static final Logger LOG = LoggerFactory.getLogger("espalier.jobs");

    @Override
    public void happened(Job before, JobEvent event, Job after) {
        LoggingEventBuilder line = switch (event) {
            case JobEvent.AttemptProgressed _ -> LOG.atTrace();
            case JobEvent.TaskOpened opened -> task(LOG.atDebug(), after, opened.task());
            case JobEvent.TaskPublished published -> task(LOG.atDebug(), after, published.task().id())
                    .addKeyValue("attempt", published.task().attempt());
            case JobEvent.AttemptStarted started -> task(LOG.atDebug(), after, started.task())
                    .addKeyValue("attempt", started.attempt()).addKeyValue("worker", started.worker());
            case JobEvent.TaskDone done -> task(LOG.atDebug(), after, done.task())
                    .addKeyValue("attempt", done.attempt()).addKeyValue("worker", done.worker());
            case JobEvent.ReportDropped dropped -> LOG.atInfo().addKeyValue("task", dropped.report().task())
                    .addKeyValue("attempt", dropped.report().attempt()).addKeyValue("worker", dropped.report()
                            .worker())
                    .addKeyValue("reason", dropped.reason());
            case JobEvent.AttemptFailed failed -> task(LOG.atWarn(), after, failed.task())
                    .addKeyValue("attempt", failed.attempt()).addKeyValue("kind", failed.kind()).addKeyValue("reason",
                            failed.message());
            case JobEvent.AttemptTimedOut lost -> task(LOG.atWarn(), after, lost.task()).addKeyValue("attempt",
                    lost.attempt()).addKeyValue("worker", lost.worker());
            case JobEvent.JobFailed failed -> LOG.atWarn().addKeyValue("reason", failed.problem().message());
            case JobEvent.StageOpened opened -> stage(after, opened.stage());
            case JobEvent.StageClosed closed -> stage(after, closed.stage());
            case JobEvent.RoundOpened opened -> stage(after, opened.stage()).addKeyValue("round", opened.round());
            case JobEvent.AttemptDrained drained -> task(LOG.atInfo(), after, drained.task())
                    .addKeyValue("attempt", drained.attempt());
            case JobEvent.AttemptHeld held -> task(LOG.atInfo(), after, held.task()).addKeyValue("attempt",
                    held.attempt());
            case JobEvent.CommandRefused refused -> LOG.atInfo().addKeyValue("command", refused.command())
                    .addKeyValue("reason", refused.reason());
            default -> LOG.atInfo();
        };
        Optional.ofNullable(after.trace()).ifPresent(trace -> line.addKeyValue("trace_id", trace.id()));
        line.addKeyValue("job", after.id()).log(text(event));
    }

    private static LoggingEventBuilder stage(Job job, int index) {
        return LOG.atInfo().addKeyValue("stage", job.stages().get(index).name());
    }

    private static LoggingEventBuilder task(LoggingEventBuilder line, Job job, TaskId task) {
        return line.addKeyValue("stage", job.stages().get(task.stage()).name()).addKeyValue("task", task);
    }

    /** {@code stage opened} for {@link JobEvent.StageOpened}. */
    private static String text(JobEvent event) {
        return event.getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(
                Locale.ROOT);
    }

    @Override
    public void owned(Map<JobSnapshot.State, Integer> states, Collection<Job> open) {
        // told by the metrics
    }
}
