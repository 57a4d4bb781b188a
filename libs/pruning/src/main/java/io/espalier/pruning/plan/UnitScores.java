package io.espalier.pruning.plan;

import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitType;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** One score for each unit of the layers that were scored; low goes first. */
public final class UnitScores {
    private final Map<UnitType, SortedMap<Integer, double[]>> byType = new EnumMap<>(UnitType.class);

    /**
     * Sets the scores of one layer's units of a type.
     *
     * @throws IllegalArgumentException if one is not a number
     */
    public UnitScores put(UnitType type, int layer, double... scores) {
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalArgumentException("the score of " + type + " unit " + i + " of layer " + layer
                        + " is not a number: the weights or their gradients are not finite");
            }
        }
        byType.computeIfAbsent(type, _ -> new TreeMap<>()).put(layer, scores.clone());
        return this;
    }

    public boolean has(UnitType type, int layer) {
        return byType.containsKey(type) && byType.get(type).containsKey(layer);
    }

    /** Scores of a layer's units, in order of their indices. */
    public double[] of(UnitType type, int layer) {
        if (!has(type, layer)) {
            throw new IllegalArgumentException("no scores of " + type + " units of layer " + layer);
        }
        return byType.get(type).get(layer);
    }

    public double of(Unit unit) {
        return of(unit.type(), unit.layer())[unit.index()];
    }

    /** Each layer's scores divided by their mean, so that layers and types of different scale can share one list. */
    public UnitScores dividedByMean() {
        UnitScores scaled = new UnitScores();
        byType.forEach((type, layers) -> layers.forEach((layer, scores) -> {
            double mean = Arrays.stream(scores).average().orElse(0);
            double divisor = mean == 0 ? 1 : mean;
            scaled.put(type, layer, Arrays.stream(scores).map(score -> score / divisor).toArray());
        }));
        return scaled;
    }
}
