package io.espalier.coordinator.metrics;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.coordinator.job.TaskRun;
import io.espalier.coordinator.job.TaskState;
import io.espalier.coordinator.log.JobObserver;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.WorkerKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Every meter of the coordinator: name, unit, tags and help text are written here and nowhere else. What a coordinator
 * tells is about the jobs it owns; sums over all coordinators are right. Times are the coordinator's own: from when a
 * task could be started to the report of its start, and on to the report of its end.
 */
public final class CoordinatorMetrics implements JobObserver {
    /** {@code espalier_jobs{state}} */
    public static final String JOBS = "espalier.jobs";
    /** {@code espalier_job_progress_ratio{job,stage}}: open jobs only, at most {@link #MOST_JOBS}. */
    public static final String JOB_PROGRESS = "espalier.job.progress.ratio";
    /** {@code espalier_tasks_waiting{kind}}: what autoscaling reads. */
    public static final String TASKS_WAITING = "espalier.tasks.waiting";
    /** {@code espalier_tasks_running{kind}} */
    public static final String TASKS_RUNNING = "espalier.tasks.running";
    /** {@code espalier_task_wait_seconds{stage}} */
    public static final String TASK_WAIT = "espalier.task.wait";
    /** {@code espalier_task_duration_seconds{stage,outcome}} */
    public static final String TASK_DURATION = "espalier.task.duration";
    /** {@code espalier_attempts_total{stage,outcome}} */
    public static final String ATTEMPTS = "espalier.attempts";
    /** {@code espalier_reports_dropped_total}: late or doubled reports. */
    public static final String REPORTS_DROPPED = "espalier.reports.dropped";

    private static final int MOST_JOBS = 100;
    private static final Duration[] DURATIONS = {Duration.ofMillis(10), Duration.ofMillis(100), Duration.ofSeconds(1),
        Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofMinutes(1), Duration.ofMinutes(5),
        Duration.ofMinutes(15), Duration.ofHours(1), Duration.ofHours(4), Duration.ofHours(12)};

    private final MultiGauge progress;
    private final MeterProvider<Timer> waits;
    private final MeterProvider<Timer> durations;
    private final MeterProvider<Counter> attempts;
    private final Counter dropped;
    private volatile Census census = Census.NONE;

    public CoordinatorMetrics(MeterRegistry registry) {
        for (JobSnapshot.State state : JobSnapshot.State.values()) {
            Gauge.builder(JOBS, () -> census.states().getOrDefault(state, 0)).tag("state", label(state))
                    .description("Jobs that are known, by state.").register(registry);
        }
        for (WorkerKind kind : WorkerKind.values()) {
            Gauge.builder(TASKS_WAITING, () -> census.waiting().getOrDefault(kind, 0)).tag("kind", kind.label())
                    .description("Tasks that wait for a worker.").register(registry);
            Gauge.builder(TASKS_RUNNING, () -> census.running().getOrDefault(kind, 0)).tag("kind", kind.label())
                    .description("Tasks that a worker is working on.").register(registry);
        }
        progress = MultiGauge.builder(JOB_PROGRESS).description("Share of a job's current stage that is done.")
                .register(registry);
        waits = Timer.builder(TASK_WAIT)
                .description("Time from when a task could be started to the start of an attempt.")
                .serviceLevelObjectives(DURATIONS).withRegistry(registry);
        durations = Timer.builder(TASK_DURATION).description("Wall time of attempts.")
                .serviceLevelObjectives(DURATIONS).withRegistry(registry);
        attempts = Counter.builder(ATTEMPTS).description("Attempts that ended.").withRegistry(registry);
        dropped = Counter.builder(REPORTS_DROPPED).description("Late or doubled reports without effect.")
                .register(registry);
    }

    @Override
    public void happened(Job before, JobEvent event, Job after) {
        switch (event) {
            case JobEvent.AttemptStarted started -> started(before, started);
            case JobEvent.TaskDone done -> ended(before, done.task(), done.fromCache() ? "cached" : "succeeded",
                    done.at());
            case JobEvent.AttemptFailed failed -> ended(before, failed.task(), label(failed.kind()), failed.at());
            case JobEvent.AttemptDrained drained -> ended(before, drained.task(), label(FailureKind.DRAINED),
                    drained.at());
            case JobEvent.AttemptHeld held -> ended(before, held.task(), label(FailureKind.HELD), held.at());
            case JobEvent.AttemptTimedOut lost -> ended(before, lost.task(), "timed_out", lost.at());
            case JobEvent.JobFailed failed when failed.problem().task() != null -> endedForGood(before,
                    failed.problem().task(), failed.at());
            case JobEvent.ReportDropped _ -> dropped.increment();
            default -> {
                // counted by the census
            }
        }
    }

    private void started(Job before, JobEvent.AttemptStarted started) {
        if (task(before, started.task()).state() instanceof TaskState.Queued(int _, Instant since)) {
            waits.withTag("stage", stage(before, started.task())).record(between(since, started.at()));
        }
    }

    /** A permanent failure; a last transient one has been counted by its own event. */
    private void endedForGood(Job before, TaskId task, Instant at) {
        if (task(before, task).state() instanceof TaskState.Working) {
            ended(before, task, label(FailureKind.PERMANENT), at);
        }
    }

    private void ended(Job before, TaskId id, String outcome, Instant at) {
        Tags tags = Tags.of("stage", stage(before, id), "outcome", outcome);
        attempts.withTags(tags).increment();
        if (task(before, id).state() instanceof TaskState.Working working) {
            durations.withTags(tags).record(between(working.startedAt(), at));
        }
    }

    @Override
    public void owned(Map<JobSnapshot.State, Integer> states, Collection<Job> open) {
        census = Census.of(states, open);
        progress.register(open.stream().limit(MOST_JOBS).flatMap(CoordinatorMetrics::row).toList(), true);
    }

    private static Stream<MultiGauge.Row<Number>> row(Job job) {
        return job.stages().stream().filter(stage -> !stage.closed()).limit(1).map(stage -> MultiGauge.Row.of(Tags.of(
                "job", job.id().value(), "stage", label(stage.name())), stage.progress()));
    }

    private static TaskRun task(Job job, TaskId id) {
        return job.stages().get(id.stage()).task(id).orElseThrow();
    }

    private static String stage(Job job, TaskId id) {
        return label(job.stages().get(id.stage()).name());
    }

    private static Duration between(Instant from, Instant to) {
        Duration duration = Duration.between(from, to);
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

}
