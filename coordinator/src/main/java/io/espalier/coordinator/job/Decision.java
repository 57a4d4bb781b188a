package io.espalier.coordinator.job;

import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Work;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Events of one decision as they come about, and the job as it will be after them; the given job is not touched. */
final class Decision {
    private final Instant at;
    private final List<JobEvent> events = new ArrayList<>();
    private Job job;

    Decision(Job job, Instant at) {
        this.job = job;
        this.at = at;
    }

    Job job() {
        return job;
    }

    Instant at() {
        return at;
    }

    List<JobEvent> events() {
        return List.copyOf(events);
    }

    void record(JobEvent event) {
        job = Job.replay(job, event);
        events.add(event);
    }

    void fail(String message, String detail, StageName stage, TaskId task) {
        record(new JobEvent.JobFailed(new JobSnapshot.Problem(message, detail, stage, task), at));
    }

    /** Publishes a waiting task for its next attempt. */
    void publish(TaskRun task) {
        StageName stage = job.stages().get(task.id().stage()).name();
        record(new JobEvent.TaskPublished(task.task(stage, !job.request().cache(), at), at));
    }

    /** Opens what can be opened: the next round, the next stage, or the end. */
    void advance() {
        while (job.state() instanceof JobState.Running && step()) {
            // each step closes a stage; the loop ends with the pipeline
        }
    }

    /** Whether there may be more to do at once. */
    private boolean step() {
        int index = (int) job.stages().stream().filter(StageRun::closed).count();
        if (index == job.stages().size()) {
            record(new JobEvent.JobSucceeded(at));
            return false;
        }
        StageRun run = job.stages().get(index);
        if (!run.open()) {
            record(new JobEvent.StageOpened(index, at));
            var found = new Findings(job, at);
            return open(index, 0, Stage.of(run).open(found), found);
        }
        if (!run.roundDone()) {
            return false;
        }
        int round = run.round() + 1;
        var found = new Findings(job, at);
        Optional<String> problem = Stage.of(run).problem(found, run);
        if (problem.isPresent()) {
            fail(problem.get(), null, run.name(), null);
            return false;
        }
        List<Work> next = Stage.of(run).next(found, run);
        if (!next.isEmpty()) {
            record(new JobEvent.RoundOpened(index, round, at));
        }
        return open(index, round, next, found);
    }

    private boolean open(int index, int round, List<Work> works, Findings found) {
        var effort = new Effort(found);
        for (int i = 0; i < works.size(); i++) {
            Work work = works.get(i);
            record(new JobEvent.TaskOpened(new TaskId(job.id(), index, round, i), work, effort.of(work), at));
        }
        if (works.isEmpty()) {
            record(new JobEvent.StageClosed(index, at));
        }
        return works.isEmpty();
    }
}
