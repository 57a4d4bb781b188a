package io.espalier.pruning.method.adapruner;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.UnitScores;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@code I = sum_m a_m c_m / mean(c_m)}, the mean over all units of the same type in the range [D]. */
record Blend(ModelShape shape, LayerRanges layers, PoolRows rows) {
    private static final List<UnitType> TYPES = List.of(UnitType.ATTENTION, UnitType.MLP);

    UnitScores scores(Genome genome, int[] subset) {
        UnitScores scores = new UnitScores();
        TYPES.forEach(type -> blend(scores, type, genome, subset));
        return scores;
    }

    private void blend(UnitScores scores, UnitType type, Genome genome, int[] subset) {
        UnitInventory inventory = new UnitInventory(shape);
        SortedMap<Integer, Basis> bases = new TreeMap<>();
        double[] means = new double[Basis.COUNT];
        long units = 0;
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            int count = inventory.count(type, layer);
            if (count == 0 || !layers.contains(type, layer)) {
                continue;
            }
            Basis basis = Basis.of(rows, subset, layer, type, count, genome.reduction());
            bases.put(layer, basis);
            units += count;
            for (int m = 0; m < means.length; m++) {
                for (double value : basis.metrics()[m]) {
                    means[m] += value;
                }
            }
        }
        for (int m = 0; m < means.length; m++) {
            means[m] = means[m] > 0 ? means[m] / units : 1;
        }
        bases.forEach((layer, basis) -> scores.put(type, layer, blend(basis, means, genome.coefficients())));
    }

    private static double[] blend(Basis basis, double[] means, double[] coefficients) {
        double[] blended = new double[basis.metrics()[0].length];
        for (int m = 0; m < means.length; m++) {
            for (int unit = 0; unit < blended.length; unit++) {
                blended[unit] += coefficients[m] * basis.metrics()[m][unit] / means[m];
            }
        }
        return blended;
    }
}
