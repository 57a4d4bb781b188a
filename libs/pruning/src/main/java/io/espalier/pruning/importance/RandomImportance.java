package io.espalier.pruning.importance;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.UnitScores;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Uniform noise for each channel, summed over the channels of a head. Each layer and type has a stream of its own, so a
 * score depends on seed, layer, type and index only.
 */
public record RandomImportance(long seed) {
    public UnitScores blockWise(ModelShape shape, LayerRanges layers) {
        UnitScores scores = new UnitScores();
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            for (UnitType type : List.of(UnitType.ATTENTION, UnitType.MLP)) {
                if (layers.contains(type, layer)) {
                    scores.put(type, layer, score(shape, type, layer));
                }
            }
        }
        return scores;
    }

    public UnitScores channelWise(ModelShape shape) {
        return new UnitScores().put(UnitType.HIDDEN, 0, noise(UnitType.HIDDEN, 0, shape.hiddenSize()));
    }

    private double[] score(ModelShape shape, UnitType type, int layer) {
        return type == UnitType.MLP
                ? noise(type, layer, shape.layer(layer).channels())
                : GroupImportance.sumOfHeads(noise(type, layer, shape.layer(layer).kvHeads() * shape.headDim()),
                        shape.headDim());
    }

    private double[] noise(UnitType type, int layer, int count) {
        return new SplittableRandom(seed ^ (layer * 4L + type.ordinal()) * 0x9E3779B97F4A7C15L).doubles(count)
                .toArray();
    }
}
