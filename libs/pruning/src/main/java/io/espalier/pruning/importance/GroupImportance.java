package io.espalier.pruning.importance;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.Role;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.UnitScores;
import java.util.Arrays;
import java.util.List;

/**
 * From the statistics of a group's members to one score for each unit: members are aligned (q and o folded to the width
 * of k and v), reduced to one vector, and the entries of a head summed.
 */
public record GroupImportance(Criterion criterion, Reduction reduction, GqaFold fold) {
    /** Scores of the KV groups and channels of the layers in range. */
    public UnitScores blockWise(ModelShape shape, LayerRanges layers, Statistics statistics) {
        UnitScores scores = new UnitScores();
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            for (UnitType type : List.of(UnitType.ATTENTION, UnitType.MLP)) {
                if (layers.contains(type, layer)) {
                    scores.put(type, layer, score(shape, type, layer, statistics));
                }
            }
        }
        return scores;
    }

    /** Scores of the dimensions of the residual stream. */
    public UnitScores channelWise(ModelShape shape, Statistics statistics) {
        List<double[]> members = MemberStatistic.ofHidden(shape).stream()
                .map(member -> vector(member, statistics)).toList();
        return new UnitScores().put(UnitType.HIDDEN, 0, reduction.reduce(members));
    }

    private double[] score(ModelShape shape, UnitType type, int layer, Statistics statistics) {
        LayerShape widths = shape.layer(layer);
        List<double[]> members = MemberStatistic.of(type, layer).stream().map(member -> {
            double[] vector = vector(member, statistics);
            boolean wide = member.role() == Role.Q || member.role() == Role.O;
            return wide ? fold.fold(vector, widths, shape.headDim()) : vector;
        }).toList();
        double[] reduced = reduction.reduce(members);
        return type == UnitType.ATTENTION ? sumOfHeads(reduced, shape.headDim()) : reduced;
    }

    private double[] vector(MemberStatistic member, Statistics statistics) {
        double[] sums = statistics.get(member.key());
        if (!criterion.addsOverSamples()) {
            return sums;
        }
        double samples = statistics.number(GradientScoring.SAMPLES);
        return Arrays.stream(sums).map(sum -> Math.abs(sum) / samples).toArray();
    }

    /** {@code [heads * headDim]} to {@code [heads]}. */
    static double[] sumOfHeads(double[] channels, int headDim) {
        double[] heads = new double[channels.length / headDim];
        for (int i = 0; i < channels.length; i++) {
            heads[i / headDim] += channels[i];
        }
        return heads;
    }
}
