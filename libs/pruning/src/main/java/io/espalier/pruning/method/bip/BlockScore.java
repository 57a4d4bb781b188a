package io.espalier.pruning.method.bip;

import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.bip.LlmBip.Norm;

/** From the merged sums of one block to a score for each channel. */
record BlockScore(Norm norm, Statistics statistics) {
    /** [I], or [Hq * Dh]. */
    double[] channels(UnitType type, int layer) {
        String block = "layer." + layer + ".";
        String part = block + (type == UnitType.MLP ? BlockSums.MLP : BlockSums.ATTENTION);
        double[] activation = statistics.get(part + BlockSums.ACTIVATION);
        double[] weight = statistics.get(part + BlockSums.WEIGHT);
        double[] gain = statistics.find(part + BlockSums.GAIN).orElse(new double[weight.length]);
        double tokens = statistics.number("tokens");
        double[] score = new double[weight.length];
        for (int j = 0; j < score.length; j++) {
            double x = norm == Norm.L1 ? activation[j] : Math.sqrt(activation[j]);
            score[j] = x * (weight[j] + gain[j] / tokens);
        }
        return score;
    }
}
