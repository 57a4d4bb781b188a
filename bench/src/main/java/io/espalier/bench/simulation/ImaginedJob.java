package io.espalier.bench.simulation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.coordinator.job.AttemptPolicy;
import io.espalier.coordinator.job.Decider;
import io.espalier.coordinator.job.Input;
import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.request.RequestReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** All that the coordinator hears about one job that goes well, to be decided as often as wanted. */
public final class ImaginedJob {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final Decider DECIDER = new Decider(AttemptPolicy.forLease(Duration.ofSeconds(15)));
    private static final TaskReport.Usage NO_USAGE = new TaskReport.Usage(0, 0, 0);

    private final List<Input> inputs;

    private ImaginedJob(List<Input> inputs) {
        this.inputs = inputs;
    }

    /** Started, half done and succeeded for every task of a model pruned, recovered and evaluated. */
    public static ImaginedJob record(ModelConfig config) {
        var id = new JobId("job");
        var imagined = new Imagined(config);
        List<Input> inputs = new ArrayList<>();
        Queue<Task> waiting = new ArrayDeque<>();
        Job job = hear(null, new Input.Submitted(id, new RequestReader().read(request()), "digest", AT), inputs,
                waiting);
        for (Task task = waiting.poll(); task != null; task = waiting.poll()) {
            var worker = new WorkerId("worker");
            Imagined.Found found = imagined.find(task.work());
            job = hear(job, reported(new TaskReport.Started(task.id(), 1, worker, AT, null)), inputs, waiting);
            job = hear(job, reported(new TaskReport.Progress(task.id(), 1, worker, AT, 0.5, 100, "half", null)), inputs,
                    waiting);
            job = hear(job, reported(new TaskReport.Succeeded(task.id(), 1, worker, AT, found.outputs(), found.facts(),
                    NO_USAGE, false)), inputs, waiting);
        }
        if (job.publicState() != JobSnapshot.State.SUCCEEDED) {
            throw new IllegalStateException("the imagined job ended as " + job.state());
        }
        return new ImaginedJob(inputs);
    }

    /** The same inputs once more, from nothing. */
    public Job decideAgain() {
        Job job = null;
        for (Input input : inputs) {
            for (JobEvent event : DECIDER.decide(job, input)) {
                job = Job.replay(job, event);
            }
        }
        return job;
    }

    /** Reports among the inputs. */
    public int reports() {
        return (int) inputs.stream().filter(Input.Reported.class::isInstance).count();
    }

    private static Input reported(TaskReport report) {
        return new Input.Reported(report, AT);
    }

    /** Whatever task opens has its turn at once. */
    private static Job hear(Job before, Input input, List<Input> inputs, Queue<Task> waiting) {
        inputs.add(input);
        List<TaskId> opened = new ArrayList<>();
        Job job = before;
        for (JobEvent event : DECIDER.decide(before, input)) {
            job = Job.replay(job, event);
            switch (event) {
                case JobEvent.TaskOpened open -> opened.add(open.task());
                case JobEvent.TaskPublished published -> waiting.add(published.task());
                default -> {
                } // changes the job only
            }
        }
        return opened.isEmpty() ? job : hear(job, new Input.Dispatched(opened, AT), inputs, waiting);
    }

    private static ObjectNode request() {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", "/model");
        request.putObject("method").put("name", "llm-pruner").put("criterion", "param_second");
        request.putObject("target").put("parameters", 0.8);
        request.putObject("calibration").put("text", "/text").put("samples", 128).put("length", 128);
        request.putObject("recovery").putObject("lora").put("data", "/data");
        ObjectNode evaluation = request.putObject("evaluation");
        evaluation.putArray("perplexity").addObject().put("name", "wikitext2").put("text", "/text").put("length", 128);
        evaluation.putArray("tasks").addObject().put("name", "boolq").put("data", "/data");
        request.putObject("output").put("location", "/out");
        return request;
    }
}
