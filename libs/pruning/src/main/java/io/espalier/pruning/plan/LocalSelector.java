package io.espalier.pruning.plan;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoublePredicate;

/**
 * Removes the same share of units from every layer in the range, the lowest scores of each layer and type first
 * (LLM-Pruner's local pruning): of {@code n} channels {@code int(n (1 - ratio))} stay; heads are counted in channels too,
 * and only whole ones go, so that of {@code h} KV groups {@code ceil(int(h Dh (1 - ratio)) / Dh)} stay.
 *
 * <p>Both types move in steps, one unit of every layer at a time, and a KV group is a big step. A target in parameters
 * is met by the smallest ratio whose result is no larger than the target; where the last step was a KV group's, channels
 * are then given back as long as the target holds [D]. All layers of equal width stay of equal width, and the plan says
 * what was achieved.
 *
 * @param initial shape before the first of several steps; equals {@code current} in the first
 * @param current shape that the scores belong to
 */
public record LocalSelector(ModelShape initial, ModelShape current, LayerRanges layers, Constraints constraints) {
    private static final List<UnitType> TYPES = List.of(UnitType.ATTENTION, UnitType.MLP);

    /** Shares of units removed, 0 to 1. */
    public record Ratios(double attention, double mlp) {
        /** The part of a linear schedule that is due after {@code step} of {@code steps}. */
        public Ratios after(int step, int steps) {
            return new Ratios(attention * step / steps, mlp * step / steps);
        }

        double of(UnitType type) {
            return type == UnitType.ATTENTION ? attention : mlp;
        }
    }

    public static LocalSelector of(ModelShape shape, PruningGoal goal) {
        return new LocalSelector(shape, shape, goal.layers(), goal.constraints());
    }

    /**
     * The shares of units to remove that meet a target.
     *
     * @throws IllegalArgumentException if the largest leave more than the target
     */
    public Ratios ratios(Target target) {
        if (target instanceof Target.Groups groups) {
            return new Ratios(groups.removed(), groups.removed());
        }
        long budget = target.budget(initial);
        Unreachable.check(budget, parameters(new Ratios(1, 1)));
        double both = smallest(ratio -> parameters(new Ratios(ratio, ratio)) <= budget);
        double mlp = smallest(ratio -> parameters(new Ratios(both, ratio)) <= budget);
        return new Ratios(both, mlp);
    }

    /** The smallest number from 0 to 1 that satisfies a condition that 1 and all above the answer satisfy. */
    private static double smallest(DoublePredicate condition) {
        if (condition.test(0)) {
            return 0;
        }
        double no = 0;
        double yes = 1;
        while (true) { // halves down to two neighbouring numbers
            double middle = no + (yes - no) / 2;
            if (middle <= no || middle >= yes) {
                return yes;
            }
            if (condition.test(middle)) {
                yes = middle;
            } else {
                no = middle;
            }
        }
    }

    /** Units of the original layer that stay at a ratio. */
    public int kept(UnitType type, int layer, double ratio) {
        int count = new UnitInventory(initial).count(type, layer);
        if (!layers.contains(type, layer)) {
            return count;
        }
        int width = type == UnitType.ATTENTION ? initial.headDim() : 1;
        int kept = Math.ceilDiv((int) (count * width * (1 - ratio)), width);
        return constraints.aligned(type, Math.max(kept, constraints.minimum(type, count)), count);
    }

    /** Parameters left: never more with a larger ratio. */
    public long parameters(Ratios ratios) {
        List<LayerShape> widths = new ArrayList<>();
        for (int layer = 0; layer < initial.layers().size(); layer++) {
            int groups = kept(UnitType.ATTENTION, layer, ratios.attention());
            widths.add(new LayerShape(groups * initial.layer(layer).groupSize(), groups,
                    kept(UnitType.MLP, layer, ratios.mlp())));
        }
        return initial.withLayers(widths).parameters();
    }

    public PruningPlan select(UnitScores scores, Ratios ratios) {
        Selection selection = new Selection(current);
        for (int layer = 0; layer < current.layers().size(); layer++) {
            for (UnitType type : TYPES) {
                int excess = selection.count(type, layer) - kept(type, layer, ratios.of(type));
                lowest(scores, type, layer, excess).forEach(selection::remove);
            }
        }
        return selection.toPlan();
    }

    private List<Unit> lowest(UnitScores scores, UnitType type, int layer, int count) {
        if (count <= 0) {
            return List.of();
        }
        return new UnitInventory(current).units(type, layer).stream()
                .sorted(Comparator.<Unit>comparingDouble(scores::of).thenComparing(Unit.ORDER)).limit(count).toList();
    }
}
