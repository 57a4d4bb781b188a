package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A pruning method and its options: the {@code method} object of a request, defaults filled in. The schema knows every
 * method's options; reading them here cannot fail on a valid request.
 */
public record MethodSpec(@JsonValue ObjectNode json) {
    /** By method: options that say what is made of the statistics, and never which statistics are taken. */
    private static final Map<String, Set<String>> AFTER_SCORING = Map.of(
            "llm-pruner", Set.of("reduction", "ranking", "keepLayers", "gqaFold", "iterativeSteps"),
            "magnitude", Set.of("reduction", "ranking"),
            "random", Set.of("ranking"),
            "search", Set.of("population", "generations", "survivors", "mutants", "crossovers",
                    "initialMaskProbability", "initialRatioProbability", "maskProbability", "ratioProbability",
                    "depthProbability", "keepShare", "tries", "maskMutation", "headRatio", "mlpRatio", "depthMutation",
                    "minLayers", "tolerance", "segments", "reformation", "rho", "iterations", "damping"),
            "nirvana", Set.of("gamma", "probeSamples", "probeLength"),
            "adapruner", Set.of("subsets", "trials", "startTrials", "parallelTrials", "candidates", "searchReduction",
                    "validationSamples", "validationLength"),
            "numerical", Set.of("lambda", "lambdaScale", "headScale", "budget", "compensation", "damping"),
            "llm-bip", Set.of("ranking"));

    @JsonCreator
    public MethodSpec {
        Objects.requireNonNull(json.get("name"), "method.name");
    }

    public String name() {
        return json.get("name").textValue();
    }

    public String text(String option) {
        return required(option).textValue();
    }

    public int integer(String option) {
        return required(option).intValue();
    }

    public double number(String option) {
        return required(option).doubleValue();
    }

    public boolean flag(String option) {
        return required(option).booleanValue();
    }

    /**
     * As far as it decides which statistics SCORE takes: requests that differ in anything else share them. An option that
     * is not known here stays.
     */
    public MethodSpec forScoring() {
        ObjectNode kept = json.deepCopy();
        kept.remove(AFTER_SCORING.getOrDefault(name(), Set.of()));
        return new MethodSpec(kept);
    }

    /** Whether the method chooses among candidates by measuring them. */
    public boolean searches() {
        return switch (name()) {
            case "search", "adapruner" -> true;
            case "nirvana" -> has("sets") && integer("sets") > 1;
            default -> false;
        };
    }

    /** Whether an option without default was given. */
    public boolean has(String option) {
        return json.hasNonNull(option);
    }

    private JsonNode required(String option) {
        JsonNode value = json.get(option);
        if (value == null) {
            throw new IllegalArgumentException("method." + option + ": not an option of " + name());
        }
        return value;
    }
}
