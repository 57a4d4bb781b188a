package io.espalier.pruning.plan;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Removes the same share of units from every layer in the range, the lowest scores of each layer and type first:
 * {@code current - int(initial * (1 - ratio))} of them (LLM-Pruner's local pruning).
 *
 * <p>The integer part makes both types move in steps: one KV group of every layer at a time, and one channel of every
 * layer at a time. A target in parameters is met by the smallest ratio whose result is no larger than the target; the
 * rest of a step stays unused, and the plan says what was achieved.
 *
 * @param initial shape before the first of several steps; equals {@code current} in the first
 * @param current shape that the scores belong to
 */
public record LocalSelector(ModelShape initial, ModelShape current, LayerRanges layers, Constraints constraints) {
    private static final List<UnitType> TYPES = List.of(UnitType.ATTENTION, UnitType.MLP);

    public static LocalSelector of(ModelShape shape, PruningGoal goal) {
        return new LocalSelector(shape, shape, goal.layers(), goal.constraints());
    }

    /** The share of units to remove that meets a target. */
    public double ratio(Target target) {
        return target instanceof Target.Groups groups ? groups.removed() : ratio(target.budget(initial));
    }

    /**
     * The smallest ratio that leaves at most {@code budget} parameters.
     *
     * @throws IllegalArgumentException if even the largest leaves more
     */
    public double ratio(long budget) {
        if (parameters(0) <= budget) {
            return 0;
        }
        Unreachable.check(budget, parameters(1));
        double over = 0;
        double under = 1;
        while (true) { // halves down to two neighbouring numbers
            double middle = over + (under - over) / 2;
            if (middle <= over || middle >= under) {
                return under;
            }
            if (parameters(middle) <= budget) {
                under = middle;
            } else {
                over = middle;
            }
        }
    }

    /** Units of the original layer's {@code count} that stay at a ratio. */
    public int kept(UnitType type, int layer, double ratio) {
        int count = new UnitInventory(initial).count(type, layer);
        if (!layers.contains(type, layer)) {
            return count;
        }
        int kept = Math.max((int) (count * (1 - ratio)), constraints.minimum(type, count));
        return constraints.aligned(type, kept, count);
    }

    /** Parameters left at a ratio: it never grows with the ratio. */
    public long parameters(double ratio) {
        List<LayerShape> widths = new ArrayList<>();
        for (int layer = 0; layer < initial.layers().size(); layer++) {
            int groups = kept(UnitType.ATTENTION, layer, ratio);
            widths.add(new LayerShape(groups * initial.layer(layer).groupSize(), groups,
                    kept(UnitType.MLP, layer, ratio)));
        }
        return initial.withLayers(widths).parameters();
    }

    public PruningPlan select(UnitScores scores, double ratio) {
        Selection selection = new Selection(current);
        for (int layer = 0; layer < current.layers().size(); layer++) {
            for (UnitType type : TYPES) {
                int excess = selection.count(type, layer) - kept(type, layer, ratio);
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
