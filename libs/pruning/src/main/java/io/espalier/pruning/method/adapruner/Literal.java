package io.espalier.pruning.method.adapruner;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.UnitScores;
import java.util.Locale;

/** LLM-Pruner's two criteria on the first subset: trials 0 and 1, so that the search never ends behind them. */
enum Literal {
    /** {@code sum |w g|}. */
    PARAM_FIRST(0, 1, 0, 0),
    /** {@code sum |w g - w F w / 2|}. */
    PARAM_MIX(0, 1, 1, 0);

    private final double[] coefficients;

    /** @param coefficients the nearest blend: where the optimiser takes the trial to be */
    Literal(double... coefficients) {
        this.coefficients = coefficients;
    }

    double[] point(int parameters) {
        return Genome.point(parameters, coefficients);
    }

    String name(int layer, UnitType type) {
        return ("literal." + name() + ".layer." + layer + "." + type).toLowerCase(Locale.ROOT);
    }

    UnitScores scores(ModelShape shape, LayerRanges layers, Statistics statistics) {
        UnitInventory inventory = new UnitInventory(shape);
        UnitScores scores = new UnitScores();
        for (UnitType type : PoolPass.TYPES) {
            for (int layer = 0; layer < shape.layers().size(); layer++) {
                if (layers.contains(type, layer) && inventory.count(type, layer) > 0) {
                    scores.put(type, layer, statistics.get(name(layer, type)));
                }
            }
        }
        return scores;
    }
}
