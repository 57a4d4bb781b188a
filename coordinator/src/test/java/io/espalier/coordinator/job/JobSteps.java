package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.coordinator.FakeWorkers;
import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.TaskReport;
import java.time.Duration;
import java.time.Instant;

/** A job on its way, task by task, as the decider leads it. */
final class JobSteps {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Decider DECIDER = new Decider(AttemptPolicy.forLease(Duration.ofSeconds(15)));

    private JobSteps() {}

    /** A job whose tasks have all succeeded up to a stage that has just opened. */
    static Job at(StageName stage, String request) {
        Job job = Job.replay(null, DECIDER.decide(null, new Input.Submitted(new JobId("job"), Requests.parse(request),
                "digest", NOW)));
        while (job.current().orElseThrow().name() != stage) {
            job = succeed(job, next(job));
        }
        return job;
    }

    /** The first task that is not done. */
    static TaskRun next(Job job) {
        return job.current().orElseThrow().tasks().stream().filter(task -> !task.done()).findFirst().orElseThrow();
    }

    static Job succeed(Job job, TaskRun task) {
        return succeed(job, task, FakeWorkers.find(task.work()).facts());
    }

    static Job succeed(Job job, TaskRun task, ObjectNode facts) {
        return Job.replay(job,
                DECIDER.decide(job, new Input.Reported(new TaskReport.Succeeded(task.id(), 1, new WorkerId(
                        "worker"), NOW, FakeWorkers.find(task.work()).outputs(), facts, FakeWorkers.usage(), false),
                        NOW)));
    }
}
