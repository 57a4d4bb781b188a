package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.ComputeType;
import io.espalier.protocol.request.Evaluation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * EVALUATE: one task per model and perplexity protocol, or as many as the protocol has parts; one per model and harness task, one per protocol for the
 * divergence of all models from the original, and one for the cost of all models together, so that the comparison is
 * fair.
 */
record EvaluateStage() implements Stage {
    /** What one task measures; the list of them tells which task is which, long after their work is forgotten. */
    sealed interface Measurement {
        record Perplexity(Subject subject, Evaluation.Perplexity protocol) implements Measurement {}

        record ZeroShot(Subject subject, Evaluation.Task task) implements Measurement {}

        record Fidelity(Evaluation.Perplexity protocol) implements Measurement {}

        record Cost() implements Measurement {}
    }

    @Override
    public List<Work> open(Findings found) {
        Map<Subject, ModelSource> models = found.models();
        ComputeType dtype = found.request().evaluation().dtype();
        return measurements(found).stream().<Work>flatMap(measurement -> switch (measurement) {
            case Measurement.Perplexity(Subject subject, Evaluation.Perplexity protocol) -> parts(protocol).map(
                    part -> new Work.Perplexity(models.get(subject), protocol.whole(), dtype, part.orElse(null)));
            case Measurement.ZeroShot(Subject subject, Evaluation.Task task) -> Stream.of(new Work.ZeroShot(models.get(
                    subject), task, dtype));
            case Measurement.Fidelity(Evaluation.Perplexity protocol) -> Stream.of(new Work.Fidelity(models, protocol
                    .whole()));
            case Measurement.Cost _ -> Stream.of(new Work.Cost(models));
        }).toList();
    }

    /** An empty one stands for all segments. */
    private static Stream<Optional<Work.Part>> parts(Evaluation.Perplexity protocol) {
        int parts = protocol.tasks();
        return parts == 1
                ? Stream.of(Optional.empty())
                : IntStream.range(0, parts).mapToObj(i -> Optional.of(new Work.Part(i, parts)));
    }

    private static int tasks(Measurement measurement) {
        return measurement instanceof Measurement.Perplexity perplexity ? perplexity.protocol().tasks() : 1;
    }

    /** What came out of a measurement; of all its parts, where it has some. */
    record Measured(Map<String, ArtifactRef> outputs, ObjectNode facts) {}

    /** In the order of the tasks. */
    static List<Measurement> measurements(Findings found) {
        Evaluation evaluation = found.request().evaluation();
        List<Measurement> list = new ArrayList<>();
        for (Evaluation.Perplexity protocol : evaluation.perplexity()) {
            found.models().keySet().forEach(subject -> list.add(new Measurement.Perplexity(subject, protocol)));
        }
        for (Evaluation.Task task : evaluation.tasks()) {
            found.models().keySet().forEach(subject -> list.add(new Measurement.ZeroShot(subject, task)));
        }
        if (evaluation.fidelity() && found.models().size() > 1) {
            evaluation.perplexity().forEach(protocol -> list.add(new Measurement.Fidelity(protocol)));
        }
        if (evaluation.cost() || found.request().targetsLatency()) {
            list.add(new Measurement.Cost());
        }
        return list;
    }

    /** The measurements all of whose tasks are done, in the order of the tasks. */
    static Map<Measurement, Measured> done(Findings found, StageRun stage) {
        Map<Measurement, Measured> done = new LinkedHashMap<>();
        tasksDone(found, stage).forEach((measurement, parts) -> {
            if (parts.size() == tasks(measurement)) {
                done.put(measurement, new Measured(parts.getFirst().outputs(), parts.size() == 1
                        ? parts.getFirst().facts()
                        : PerplexityParts.together(parts.stream().map(TaskState.Done::facts).toList())));
            }
        });
        return done;
    }

    /** What the tasks of each measurement have found that are done, in the order of the tasks. */
    private static Map<Measurement, List<TaskState.Done>> tasksDone(Findings found, StageRun stage) {
        List<Measurement> ofTasks = measurements(found).stream().flatMap(measurement -> Collections.nCopies(tasks(
                measurement), measurement).stream()).toList();
        Map<Measurement, List<TaskState.Done>> done = new LinkedHashMap<>();
        for (TaskRun task : stage.tasks()) {
            if (task.state() instanceof TaskState.Done state && task.id().index() < ofTasks.size()) {
                done.computeIfAbsent(ofTasks.get(task.id().index()), _ -> new ArrayList<>()).add(state);
            }
        }
        return done;
    }

    /**
     * A file that measurements read.
     *
     * @param key    what of the request names it
     * @param digest the fact that tells what was read
     */
    private record Text(String key, String location, String digest) {
        static Optional<Text> of(Measurement measurement) {
            return switch (measurement) {
                case Measurement.Perplexity(var _, Evaluation.Perplexity protocol) -> Optional.of(new Text(
                        "evaluation.perplexity '" + protocol.key() + "'", protocol.text(), "textDigest"));
                case Measurement.ZeroShot(var _, Evaluation.Task task) -> Optional.of(new Text("evaluation.tasks '"
                        + task.name() + "'", task.data(), "dataDigest"));
                case Measurement.Fidelity _,Measurement.Cost _ -> Optional.empty();
            };
        }
    }

    /** Figures of different texts cannot be put together, nor two models compared by them. */
    @Override
    public Optional<String> problem(Findings found, StageRun run) {
        Map<Text, Set<String>> digests = new LinkedHashMap<>();
        tasksDone(found, run).forEach((measurement, parts) -> Text.of(measurement).ifPresent(text -> parts.forEach(
                part -> digests.computeIfAbsent(text, _ -> new TreeSet<>()).add(part.facts().path(text.digest())
                        .asText()))));
        return digests.entrySet().stream().filter(entry -> entry.getValue().size() > 1).findFirst().map(
                entry -> entry.getKey().key() + ": " + entry.getKey().location() + " was changed while it was read, or"
                        + " workers see different files there (digests " + String.join(", ", entry.getValue())
                        + "); figures of different texts cannot be compared: submit the request again");
    }

    /** By subject and task: the answers one by one, as the tasks wrote them. */
    static Map<Subject, Map<String, ArtifactRef>> samples(Findings found) {
        Map<Subject, Map<String, ArtifactRef>> samples = new EnumMap<>(Subject.class);
        found.evaluations().forEach(stage -> done(found, stage).forEach((measurement, done) -> {
            if (measurement instanceof Measurement.ZeroShot(Subject subject, Evaluation.Task task)
                    && done.outputs().containsKey("samples")) {
                samples.computeIfAbsent(subject, _ -> new TreeMap<>()).put(task.name(), done.outputs().get("samples"));
            }
        }));
        return samples;
    }
}
