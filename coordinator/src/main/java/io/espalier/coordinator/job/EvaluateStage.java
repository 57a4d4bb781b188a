package io.espalier.coordinator.job;

import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * EVALUATE: one task per model and perplexity protocol, one per model and zero-shot task, and one for the cost of all
 * models together, so that the comparison is fair.
 */
record EvaluateStage() implements Stage {
    /** What one task measures; the list of them tells which task is which, long after their work is forgotten. */
    sealed interface Measurement {
        record Perplexity(Subject subject, Evaluation.Perplexity protocol) implements Measurement {}

        record ZeroShot(Subject subject, Evaluation.Task task) implements Measurement {}

        record Cost() implements Measurement {}
    }

    @Override
    public List<Work> open(Findings found) {
        Map<Subject, ModelSource> models = found.models();
        return measurements(found).stream().<Work>map(measurement -> switch (measurement) {
            case Measurement.Perplexity(Subject subject, Evaluation.Perplexity protocol) -> new Work.Perplexity(
                    models.get(subject), protocol);
            case Measurement.ZeroShot(Subject subject, Evaluation.Task task) -> new Work.ZeroShot(models.get(subject),
                    task);
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
        if (evaluation.cost()) {
            list.add(new Measurement.Cost());
        }
        return list;
    }
}
