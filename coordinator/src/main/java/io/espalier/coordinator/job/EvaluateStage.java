package io.espalier.coordinator.job;

import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.ComputeType;
import io.espalier.protocol.request.Evaluation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * EVALUATE: one task per model and perplexity protocol, one per model and harness task, one per protocol for the
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
        return measurements(found).stream().<Work>map(measurement -> switch (measurement) {
            case Measurement.Perplexity(Subject subject, Evaluation.Perplexity protocol) -> new Work.Perplexity(
                    models.get(subject), protocol, dtype);
            case Measurement.ZeroShot(Subject subject, Evaluation.Task task) -> new Work.ZeroShot(models.get(subject),
                    task, dtype);
            case Measurement.Fidelity(Evaluation.Perplexity protocol) -> new Work.Fidelity(models, protocol);
            case Measurement.Cost _ -> new Work.Cost(models);
        }).toList();
    }

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

    /** What each task that is done has measured, in the order of the tasks. */
    static Map<Measurement, TaskState.Done> done(Findings found, StageRun stage) {
        List<Measurement> measurements = measurements(found);
        Map<Measurement, TaskState.Done> done = new LinkedHashMap<>();
        for (TaskRun task : stage.tasks()) {
            if (task.state() instanceof TaskState.Done state && task.id().index() < measurements.size()) {
                done.put(measurements.get(task.id().index()), state);
            }
        }
        return done;
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
