package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.Evaluation;
import java.util.List;

/**
 * What makes the figures of a job comparable with others: {@code protocols} of report.json. It is the same for all models
 * of a job, so the first one measured tells it.
 */
final class Protocols {
    private static final List<String> OF_A_TASK = List.of("version", "num_fewshot", "dataDigest", "tokenizerDigest",
            "tokenisation", "dtype");
    private static final List<String> OF_A_PERPLEXITY = List.of("length", "segments", "tokens", "textDigest",
            "tokenizerDigest", "bosRule", "dtype");

    private Protocols() {}

    /** {@code perplexity.<name>@<length>} and {@code tasks.<name>}; null before the first is measured. */
    static ObjectNode of(Findings found) {
        ObjectNode protocols = JsonNodeFactory.instance.objectNode();
        found.evaluations().forEach(stage -> EvaluateStage.done(found, stage).forEach((measurement, done) -> {
            switch (measurement) {
                case EvaluateStage.Measurement.Perplexity(var _, Evaluation.Perplexity protocol) -> add(protocols,
                        "perplexity", protocol.key(), done.facts(), OF_A_PERPLEXITY);
                case EvaluateStage.Measurement.ZeroShot(var _, Evaluation.Task task) -> add(protocols, "tasks", task
                        .name(), done.facts(), OF_A_TASK);
                case EvaluateStage.Measurement.Fidelity _,EvaluateStage.Measurement.Cost _ -> {
                }
            }
        }));
        return protocols.isEmpty() ? null : protocols;
    }

    /** A task's facts without its protocol. */
    static ObjectNode figures(ObjectNode facts) {
        return facts.deepCopy().without(OF_A_TASK);
    }

    private static void add(ObjectNode protocols, String kind, String key, ObjectNode facts, List<String> keys) {
        ObjectNode known = facts.deepCopy().retain(keys);
        if (!known.isEmpty() && !protocols.path(kind).has(key)) {
            protocols.withObjectProperty(kind).set(key, known);
        }
    }
}
