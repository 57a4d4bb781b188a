package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.coordinator.FakeWorkers;
import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Jobs in the middle of every stage as they were written to {@code espalier.job-log} on 2026-11-30: a coordinator of any later
 * version must read them and go on. Who changes what is kept does not touch the file, but teaches the code to read it;
 * {@link #main} adds the states of a further version.
 */
class KeptJobsTest {
    private static final Path KEPT = Path.of("src/test/resources/job-log.jsonl");
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final WorkerId WORKER = new WorkerId("worker-1");
    private static final Decider DECIDER = new Decider(AttemptPolicy.forLease(Duration.ofSeconds(15)));

    @Test
    void everyStageAndEndIsAmongThem() throws IOException {
        List<Job> jobs = kept();
        assertThat(jobs).filteredOn(Job::isOpen).extracting(job -> job.current().orElseThrow().name())
                .containsAll(EnumSet.allOf(StageName.class));
        assertThat(jobs).extracting(job -> job.state().getClass().getSimpleName()).contains("Running", "Failed",
                "Succeeded");
    }

    @Test
    void nothingOfThemIsLost() throws IOException {
        for (String line : Files.readAllLines(KEPT)) {
            JsonNode written = Json.events().readTree(line);
            assertContained(written, Json.events().valueToTree(Json.events().treeToValue(written, Job.class)), "");
        }
    }

    @Test
    void theyGoOnToTheirEnd() throws IOException {
        for (Job job : kept()) {
            Job next = job;
            while (next.isOpen()) {
                next = finish(next);
            }
            assertThat(next.state()).as(job.id().value()).isInstanceOfAny(JobState.Succeeded.class,
                    JobState.Failed.class).hasSameClassAs(job.isOpen() ? new JobState.Succeeded(AT) : job.state());
        }
    }

    private static void assertContained(JsonNode written, JsonNode read, String place) {
        if (written.isObject()) {
            written.properties().forEach(entry -> assertContained(entry.getValue(), read.path(entry.getKey()), place
                    + "/" + entry.getKey()));
        } else if (written.isArray()) {
            assertThat(read.size()).as(place).isEqualTo(written.size());
            for (int i = 0; i < written.size(); i++) {
                assertContained(written.get(i), read.get(i), place + "/" + i);
            }
        } else if (!written.isNull()) {
            assertThat(read.asText()).as(place).isEqualTo(written.asText());
        }
    }

    private static List<Job> kept() throws IOException {
        List<Job> jobs = new ArrayList<>();
        for (String line : Files.readAllLines(KEPT)) {
            jobs.add(Json.events().readValue(line, Job.class));
        }
        return jobs;
    }

    /** The first task that is not done begins and succeeds. */
    private static Job finish(Job job) {
        Job begun = begin(job);
        TaskRun task = firstOpen(begun);
        FakeWorkers.Found found = FakeWorkers.find(task.work());
        return hear(begun, new TaskReport.Succeeded(task.id(), task.state().attempt(), WORKER, AT, found.outputs(),
                found.facts(), FakeWorkers.usage(), false));
    }

    /** The first task that is not done is at work afterwards. */
    private static Job begin(Job job) {
        Job dispatched = decide(job, new Input.Dispatched(Demand.of(job).waiting().stream().map(Demand.Waiting::task)
                .toList(), AT));
        TaskRun task = firstOpen(dispatched);
        return task.state() instanceof TaskState.Working
                ? dispatched
                : hear(dispatched, new TaskReport.Started(task.id(), task.state().attempt(), WORKER, AT, null));
    }

    private static TaskRun firstOpen(Job job) {
        return job.current().orElseThrow().tasks().stream().filter(task -> !task.done()).findFirst().orElseThrow();
    }

    private static Job hear(Job job, TaskReport report) {
        return decide(job, new Input.Reported(report, AT));
    }

    private static Job decide(Job job, Input input) {
        return Job.replay(job, DECIDER.decide(job, input));
    }

    /** Writes the states that this version keeps to the end of the file. */
    public static void main(String[] arguments) throws IOException {
        Map<String, String> requests = Map.of("full", Requests.FULL, "search", Requests.SEARCH, "select",
                Requests.SELECT, "latency", Requests.LATENCY);
        Set<StageName> seen = EnumSet.noneOf(StageName.class);
        List<String> lines = Files.exists(KEPT) ? new ArrayList<>(Files.readAllLines(KEPT)) : new ArrayList<>();
        for (String name : List.of("full", "search", "select", "latency")) {
            Job job = decide(null, new Input.Submitted(new JobId(name), Requests.parse(requests.get(name)), "digest",
                    AT));
            while (job.isOpen()) {
                if (seen.add(job.current().orElseThrow().name())) {
                    lines.add(json(withProgress(begin(job))));
                }
                job = finish(job);
            }
            if (name.equals("full")) {
                lines.add(json(job));
            }
        }
        Job failed = begin(decide(null, new Input.Submitted(new JobId("failed"), Requests.parse(Requests.SHORT),
                "digest", AT)));
        lines.add(json(hear(failed, new TaskReport.Failed(firstOpen(failed).id(), 1, WORKER, AT, FailureKind.PERMANENT,
                "the model is cut short", null, null))));
        Files.write(KEPT, lines);
    }

    private static Job withProgress(Job job) {
        TaskRun task = firstOpen(job);
        return hear(job,
                new TaskReport.Progress(task.id(), task.state().attempt(), WORKER, AT, 0.5, 100, "half", null));
    }

    private static String json(Job job) {
        return new String(Json.canonical(job), StandardCharsets.UTF_8);
    }
}
