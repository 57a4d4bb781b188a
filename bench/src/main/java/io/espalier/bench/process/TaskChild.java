package io.espalier.bench.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.result.Percentiles;
import io.espalier.bench.task.Handled;
import io.espalier.model.engine.Torch;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.worker.metrics.ProcessMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One task in a fresh process, so that its peak of resident memory is its own. {@code TaskChild WORK.json FOLDER RUNS} prints
 * {@code {seconds, startBytes, peakBytes, outputs}}; of several runs the median of the later half counts, when code is
 * compiled.
 */
public final class TaskChild {
    private TaskChild() {}

    public static void main(String[] arguments) throws Exception {
        Work work = Json.events().readValue(Path.of(arguments[0]).toFile(), Work.class);
        try (var tasks = new Handled(Path.of(arguments[1]))) {
            Torch.version(); // starts the engine
            long start = ProcessMemory.resident();
            int runs = Integer.parseInt(arguments[2]);
            var seconds = new ArrayList<Double>();
            Handled.Done done = tasks.run(work);
            seconds.add(done.seconds());
            while (seconds.size() < runs) {
                done = tasks.run(work);
                seconds.add(done.seconds());
            }
            ObjectNode found = JsonNodeFactory.instance.objectNode().put("seconds", new Percentiles(seconds.subList(
                    runs / 2, runs)).at(50))
                    .put("startBytes", start).put("peakBytes", ProcessMemory.peak());
            found.set("outputs", Json.events().valueToTree(done.result().outputs()));
            System.out.println(found);
        }
    }

    /**
     * What a task took.
     *
     * @param startBytes resident memory with the engine started and nothing done
     * @param peakBytes  greatest resident memory (VmHWM) of the process
     */
    public record Took(double seconds, long startBytes, long peakBytes, JsonNode outputs) {
        public ArtifactRef output(String name) throws IOException {
            return Json.events().treeToValue(outputs.get(name), ArtifactRef.class);
        }
    }

    /**
     * Runs a task in a child.
     *
     * @param folder of the artifact store that the tasks share
     */
    public static Took run(Work work, Path folder, Map<String, String> environment)
            throws IOException, InterruptedException {
        try (var unheld = new CpuQuota(1)) {
            return run(work, folder, environment, 1, unheld);
        }
    }

    /** Runs a task several times in the same child. */
    public static Took run(Work work, Path folder, Map<String, String> environment, int runs, CpuQuota quota)
            throws IOException, InterruptedException {
        Path file = Files.createTempFile(Files.createDirectories(folder), "work-", ".json");
        Json.events().writeValue(file.toFile(), work);
        return Json.events().treeToValue(
                Child.run(quota.hold(Child.command(TaskChild.class, List.of(file.toString(), folder.toString(), Integer
                        .toString(runs)))), environment),
                Took.class);
    }
}
