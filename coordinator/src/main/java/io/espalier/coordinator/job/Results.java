package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.request.Evaluation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The figures of a job as far as they are measured: {@code models} and {@code plan} of report.json. */
final class Results {
    private Results() {}

    static Map<Subject, ObjectNode> models(Findings found) {
        Map<Subject, ObjectNode> models = new EnumMap<>(Subject.class);
        found.models().keySet().forEach(subject -> models.put(subject, JsonNodeFactory.instance.objectNode()));
        found.facts().ifPresent(facts -> put(models.get(Subject.ORIGINAL), facts));
        found.factsOf(StageName.SLICE, Pipeline.steps(found.request())).ifPresent(facts -> sizes(facts, models.get(
                Subject.PRUNED)));
        found.evaluations().forEach(stage -> measured(found, stage, models));
        models.values().forEach(TaskMeans::put);
        models.values().removeIf(ObjectNode::isEmpty);
        return models;
    }

    private static void put(ObjectNode model, ModelFacts facts) {
        model.put("parameters", facts.parameters()).put("bytes", facts.bytes());
    }

    private static void sizes(ObjectNode facts, ObjectNode model) {
        for (String key : List.of("parameters", "bytes")) {
            if (facts.hasNonNull(key)) {
                model.set(key, facts.get(key));
            }
        }
    }

    private static void measured(Findings found, StageRun stage, Map<Subject, ObjectNode> models) {
        EvaluateStage.done(found, stage).forEach((measurement, done) -> add(measurement, done.facts(), models));
    }

    private static void add(EvaluateStage.Measurement measurement, ObjectNode facts, Map<Subject, ObjectNode> models) {
        switch (measurement) {
            case EvaluateStage.Measurement.Perplexity(Subject subject, Evaluation.Perplexity protocol) -> models.get(
                    subject).withObjectProperty("perplexity").set(protocol.key(), facts.get("perplexity"));
            case EvaluateStage.Measurement.ZeroShot(Subject subject, Evaluation.Task task) -> models.get(subject)
                    .withObjectProperty("tasks").set(task.name(), Protocols.figures(facts));
            case EvaluateStage.Measurement.Fidelity(Evaluation.Perplexity protocol) -> models.forEach(
                    (subject, model) -> {
                        if (facts.hasNonNull(subject.label())) {
                            model.withObjectProperty("fidelity").set(protocol.key(), facts.get(subject.label()));
                        }
                    });
            case EvaluateStage.Measurement.Cost _ -> models.forEach((subject, model) -> Optional.ofNullable(facts.get(
                    subject.label())).ifPresent(
                            cost -> cost.properties().forEach(entry -> model.set(entry.getKey(),
                                    entry.getValue()))));
        }
    }

    /** Null before there is a plan. */
    static ObjectNode plan(Findings found) {
        int step = Pipeline.steps(found.request());
        if (found.lastPlan().isEmpty()) {
            return null;
        }
        ObjectNode facts = found.factsOf(StageName.RANK, step).or(() -> found.factsOf(StageName.SEARCH, step))
                .or(() -> found.selection().map(selection -> selection.planFacts(selection.chosen())))
                .orElseGet(JsonNodeFactory.instance::objectNode);
        ObjectNode plan = JsonNodeFactory.instance.objectNode();
        plan.set("layers", layers(facts));
        achieved(found, facts, step).ifPresent(achieved -> plan.set("achieved", achieved));
        for (String key : List.of("original", "importance", "predicted")) {
            if (facts.hasNonNull(key)) {
                plan.set(key, facts.get(key));
            }
        }
        if (facts.hasNonNull("latency")) {
            plan.set("latency", Latencies.of(facts.get("latency"), models(found)));
        }
        found.selection().ifPresent(selection -> plan.set("selection", selection.json()));
        return plan;
    }

    /** Without the lists of kept units, which are too long for an event. */
    private static JsonNode layers(ObjectNode facts) {
        JsonNode layers = facts.path("layers").deepCopy();
        layers.forEach(layer -> ((ObjectNode) layer).remove(List.of("keptKvGroups", "keptChannels")));
        return layers.isArray() ? layers : JsonNodeFactory.instance.arrayNode();
    }

    private static Optional<JsonNode> achieved(Findings found, ObjectNode facts, int step) {
        Optional<ObjectNode> sliced = found.factsOf(StageName.SLICE, step);
        if (facts.hasNonNull("achieved")) {
            ObjectNode achieved = facts.get("achieved").deepCopy();
            sliced.filter(cut -> cut.hasNonNull("bytes")).ifPresent(cut -> achieved.set("bytes", cut.get("bytes")));
            return Optional.of(achieved);
        }
        if (sliced.isEmpty() || !sliced.get().hasNonNull("parameters") || found.facts().isEmpty()) {
            return Optional.empty();
        }
        long parameters = sliced.get().get("parameters").asLong();
        return Optional.of(JsonNodeFactory.instance.objectNode().put("parameters", parameters).put("share",
                (double) parameters / found.facts().get().parameters()));
    }
}
