package io.espalier.pruning.method.numerical;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.GlobalSelector;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * One list of all heads and channels of all layers, Numerical Pruning (arXiv:2412.12441, eq. 8). A KV group's z is the
 * mean over all channels of its query heads [D: the paper is silent on grouped queries].
 */
record GlobalRanking(ModelShape shape, PruningGoal goal, HeadScale headScale, Budget budget, double lambda) {
    private static final Set<UnitType> BOTH = Set.of(UnitType.ATTENTION, UnitType.MLP);

    /** How z of heads is made comparable with z of channels. */
    enum HeadScale {
        /**
         * {@code 4 Dh / 3}, eq. 8. It puts nearly every head above every channel, the opposite of the stated intent to
         * balance parameters.
         */
        PAPER,
        /** Importance for each parameter: a head's channel weighs {@code 2 (1 + 1/R) d}, an MLP channel 3 d [D]. */
        PER_PARAM,
        /** As it is. */
        NONE;

        double factor(int headDim, int groupSize) {
            return switch (this) {
                case PAPER -> 4.0 * headDim / 3;
                case PER_PARAM -> 3 / (2 * (1 + 1.0 / groupSize));
                case NONE -> 1;
            };
        }
    }

    /** What rho is a share of. */
    enum Budget {
        /** Weights of the units, so that a target in parameters is met [D]. */
        PARAMS,
        /** Heads and channels, each counting one, as printed: 0.5 of LLaMA-7B's units are some 32 % of its weights. */
        UNITS
    }

    /** The score of one layer's attention or MLP. */
    interface Scores {
        NewtonScore of(UnitType type, int layer);
    }

    PruningPlan plan(Scores scores) {
        UnitScores z = z(scores, rho());
        if (goal.constraints().uniform()) {
            LocalSelector local = LocalSelector.of(shape, goal);
            return local.select(z, local.ratios(goal.target()));
        }
        GlobalSelector selector = new GlobalSelector(shape, BOTH, GlobalSelector.Key.NONE, goal.layers(),
                goal.constraints());
        if (budget == Budget.PARAMS && !(goal.target() instanceof Target.Groups)) {
            return selector.selectParameters(z, goal.target().budget(shape));
        }
        Selection selection = new Selection(shape);
        selector.selectUnits(selection, z, (long) (rho() * units()));
        return selection.toPlan();
    }

    /** Share to remove: of the units' weights, or of the units. */
    double rho() {
        if (goal.target() instanceof Target.Groups groups) {
            return groups.removed();
        }
        long removed = shape.parameters() - goal.target().budget(shape);
        return Math.clamp((double) removed / (budget == Budget.PARAMS ? removable() : shape.parameters()), 0, 1);
    }

    UnitScores z(Scores scores, double rho) {
        UnitScores z = new UnitScores();
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            if (eligible(UnitType.ATTENTION, layer)) {
                z.put(UnitType.ATTENTION, layer, groups(scores.of(UnitType.ATTENTION, layer).z(rho, lambda), layer));
            }
            if (eligible(UnitType.MLP, layer)) {
                z.put(UnitType.MLP, layer, scores.of(UnitType.MLP, layer).z(rho, lambda));
            }
        }
        return z;
    }

    private double[] groups(double[] z, int layer) {
        int groupSize = shape.layer(layer).groupSize();
        int width = groupSize * shape.headDim();
        double factor = headScale.factor(shape.headDim(), groupSize);
        return IntStream.range(0, shape.layer(layer).kvHeads())
                .mapToDouble(group -> factor
                        * Arrays.stream(z, group * width, (group + 1) * width).average().orElseThrow())
                .toArray();
    }

    private double removable() {
        UnitInventory inventory = new UnitInventory(shape);
        return BOTH.stream().flatMap(type -> inventory.units(type).stream())
                .filter(unit -> goal.layers().contains(unit.type(), unit.layer())).mapToLong(unit -> unit.cost())
                .sum();
    }

    private long units() {
        UnitInventory inventory = new UnitInventory(shape);
        return IntStream.range(0, shape.layers().size())
                .mapToLong(layer -> BOTH.stream().filter(type -> eligible(type, layer))
                        .mapToLong(type -> inventory.count(type, layer)).sum())
                .sum();
    }

    private boolean eligible(UnitType type, int layer) {
        return goal.layers().contains(type, layer) && new UnitInventory(shape).count(type, layer) > 0;
    }
}
