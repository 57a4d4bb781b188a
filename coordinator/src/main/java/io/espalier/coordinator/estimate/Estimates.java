package io.espalier.coordinator.estimate;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobEstimate;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.StageState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Estimates for all open jobs, from their snapshots and those of ended ones. Observations may come from one thread and
 * questions from others.
 */
public final class Estimates {
    /** Estimates this old are still good; with thousands of open jobs they take a while to make. */
    private static final Duration FRESH = Duration.ofSeconds(1);
    /** Time between the tasks of a job: events travel, workers poll. Seconds. */
    private static final double HANDOVER = 0.15;
    private static final double WAITING_SPREAD = 0.4;
    /** Of the errors of two stages of a job; chosen so that {@code bench eta} finds the ranges to hold. */
    private static final double CORRELATION = 0.25;

    /** What is left of a job: each stage with its guess, null where nothing tells. */
    private record Outlook(JobSnapshot job, Map<JobSnapshot.Stage, Guess> stages) {
        boolean isKnown() {
            return stages.values().stream().noneMatch(guess -> guess == null);
        }
    }

    private final History history = new History();
    private final Workforce workforce = new Workforce();
    private final Map<JobId, JobSnapshot> open = new HashMap<>();
    private final Map<JobId, Integer> learned = new HashMap<>();
    private final Map<String, Long> parametersByModel = new HashMap<>();
    private Map<JobId, JobEstimate> latest = Map.of();
    private Instant made = Instant.MIN;
    private Duration effort = Duration.ZERO;

    /** Takes in the latest state of a job. */
    public synchronized void observe(JobSnapshot job) {
        workforce.observe(job);
        if (job.facts() != null) {
            parametersByModel.put(job.request().model(), job.facts().parameters());
            learn(job);
        }
        if (job.state() == JobSnapshot.State.RUNNING) {
            open.put(job.id(), job);
        } else {
            open.remove(job.id());
        }
        if (job.state().ended()) {
            learned.put(job.id(), job.stages().size());
        }
    }

    public synchronized void forget(JobId job) {
        open.remove(job);
        learned.remove(job);
    }

    /** Each stage teaches once, when it is done and was not answered from the cache. */
    private void learn(JobSnapshot job) {
        int known = learned.getOrDefault(job.id(), 0);
        while (known < job.stages().size() && job.stages().get(known).state() == StageState.DONE) {
            JobSnapshot.Stage stage = job.stages().get(known);
            if (!stage.fromCache()) {
                history.add(WorkSize.of(job.request(), stage.stage(), job.facts().parameters()), stage.busySeconds(),
                        stage.tasks());
            }
            known++;
        }
        learned.put(job.id(), known);
    }

    /** Empty for jobs that are not running. */
    public synchronized Optional<JobEstimate> of(JobId job, Instant now) {
        if (!open.containsKey(job)) {
            return Optional.empty();
        }
        Duration pause = FRESH.compareTo(effort.multipliedBy(20)) > 0 ? FRESH : effort.multipliedBy(20);
        if (!latest.containsKey(job) || Duration.between(made, now).compareTo(pause) > 0 || now.isBefore(made)) {
            long start = System.nanoTime();
            latest = make(now);
            made = now;
            effort = Duration.ofNanos(System.nanoTime() - start);
        }
        return Optional.ofNullable(latest.get(job));
    }

    /** First those at work, then the others in the order of their submission. */
    private Map<JobId, JobEstimate> make(Instant now) {
        List<Outlook> outlooks = open.values().stream().sorted(Comparator.comparing(Estimates::isWaiting).thenComparing(
                JobSnapshot::submittedAt)).map(job -> outlook(job, now)).toList();
        List<Outlook> known = outlooks.stream().filter(Outlook::isKnown).toList();
        List<List<Schedule.Step>> steps = known.stream().map(outlook -> steps(outlook)).toList();
        double[] ends = Schedule.run(steps, workforce.at(now));
        Map<JobId, JobEstimate> estimates = new HashMap<>();
        outlooks.forEach(outlook -> estimates.put(outlook.job().id(), estimate(outlook, null, now)));
        for (int i = 0; i < ends.length; i++) {
            JobEstimate.Range range = range(known.get(i), ends[i]);
            estimates.put(known.get(i).job().id(), estimate(known.get(i), range, now));
        }
        return estimates;
    }

    private static boolean isWaiting(JobSnapshot job) {
        return job.stages().stream().allMatch(stage -> stage.running().isEmpty());
    }

    private Outlook outlook(JobSnapshot job, Instant now) {
        Long parameters = job.facts() != null
                ? Long.valueOf(job.facts().parameters())
                : parametersByModel.get(job.request().model());
        Map<JobSnapshot.Stage, Guess> guesses = new LinkedHashMap<>();
        for (JobSnapshot.Stage stage : job.stages()) {
            if (stage.state() != StageState.DONE) {
                Optional<Guess> whole = parameters == null
                        ? Optional.empty()
                        : history.busy(WorkSize.of(job.request(), stage.stage(), parameters));
                guesses.put(stage, Remaining.of(stage, whole, now).orElse(null));
            }
        }
        return new Outlook(job, guesses);
    }

    private List<Schedule.Step> steps(Outlook outlook) {
        List<Schedule.Step> steps = new ArrayList<>();
        outlook.stages().forEach((stage, guess) -> steps.add(new Schedule.Step(stage.stage().worker(), guess.median()
                + HANDOVER, width(outlook.job(), stage))));
        return steps;
    }

    private int width(JobSnapshot job, JobSnapshot.Stage stage) {
        if (stage.state() == StageState.RUNNING) {
            return Math.max(1, stage.tasks() - stage.done());
        }
        Long parameters = parametersByModel.get(job.request().model());
        return parameters == null ? 1 : history.tasks(WorkSize.of(job.request(), stage.stage(), parameters));
    }

    /**
     * Stages err partly together: whatever slows a machine down slows all of them. What is not the job's own work is
     * waiting.
     */
    private JobEstimate.Range range(Outlook outlook, double end) {
        double own = 0;
        double together = 0;
        double apart = 0;
        for (Map.Entry<JobSnapshot.Stage, Guess> entry : outlook.stages().entrySet()) {
            int width = width(outlook.job(), entry.getKey());
            double deviation = entry.getValue().deviation() / width;
            own += entry.getValue().median() / width;
            together += deviation;
            apart += deviation * deviation;
        }
        double waiting = Math.max(0, end - own);
        double variance = CORRELATION * together * together + (1 - CORRELATION) * apart;
        return Guess.range(end, Math.sqrt(variance + Math.pow(WAITING_SPREAD * waiting, 2)));
    }

    private static JobEstimate estimate(Outlook outlook, JobEstimate.Range remaining, Instant now) {
        List<JobEstimate.Stage> stages = new ArrayList<>();
        outlook.stages().forEach((stage, guess) -> stages.add(new JobEstimate.Stage(stage.stage(), stage.step(),
                guess == null ? null : guess.range(), guess == null
                        ? "nothing like it has been measured yet"
                        : guess
                                .basis())));
        return new JobEstimate(now, remaining, stages);
    }
}
