package io.espalier.pruning.plan;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Channel-wise pruning: removes dimensions of the residual stream from the whole network, the lowest scores first.
 *
 * @param initial shape before the first of several steps
 * @param current shape that the scores belong to
 */
public record HiddenSelector(ModelShape initial, ModelShape current) {
    /** Dimensions kept in the end: the most that meet the target, {@code int(d (1 - ratio))} for a target in groups. */
    public int kept(Target target) {
        int size = initial.hiddenSize();
        if (target instanceof Target.Groups groups) {
            return Math.max(1, (int) (size * (1 - groups.removed())));
        }
        long budget = target.budget(initial);
        Unreachable.check(budget, initial.withHiddenSize(1).parameters());
        return IntStream.rangeClosed(1, size).map(i -> size + 1 - i)
                .filter(kept -> initial.withHiddenSize(kept).parameters() <= budget).findFirst().orElseThrow();
    }

    /** Dimensions kept after a step of a linear schedule. */
    public int kept(Target target, int step, int steps) {
        int size = initial.hiddenSize();
        return size - (size - kept(target)) * step / steps;
    }

    public PruningPlan select(UnitScores scores, int kept) {
        UnitInventory inventory = new UnitInventory(current);
        List<Integer> best = new ArrayList<>(inventory.units(UnitType.HIDDEN, 0).stream()
                .sorted(Comparator.<Unit>comparingDouble(scores::of)
                        .thenComparing(Unit.ORDER))
                .skip(current.hiddenSize() - kept).map(Unit::index).toList());
        best.sort(null);
        return PruningPlan.of(current, new Selection(current).toPlan().layers(), best);
    }
}
