package io.espalier.pruning.method.nirvana;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.GlobalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import io.espalier.pruning.plan.UnreachableTargetException;
import java.util.Comparator;
import java.util.Set;

/**
 * From saliencies to a plan, NIRVANA (arXiv:2509.14230, from the released code): two global lists, one for KV groups and
 * one for neurons, with the counts of {@link Allocation}; kept neurons per layer a multiple of 8, rounded up, at least 8;
 * at least one KV group per layer. Where all groups of a layer fall below the threshold, the released code spares the
 * last index; here the best is spared.
 *
 * <p>A target in parameters is met: the list of neurons goes on until it is, and that of groups where neurons alone
 * cannot [D]. With a target in groups the counts are the paper's, its sparsity being that share.
 *
 * @param gamma rate of MLP over rate of attention; NaN stands for the ratio of their weights [D]
 */
record GlobalCounts(ModelShape shape, PruningGoal goal, double gamma) {
    private static final int MULTIPLE = 8;

    PruningPlan plan(UnitScores scores) {
        Selection selection = new Selection(shape);
        Allocation allocation = allocation();
        remove(selection, scores, UnitType.ATTENTION, allocation.groups());
        if (goal.target() instanceof Target.Groups) {
            remove(selection, scores, UnitType.MLP, allocation.neurons());
            return selection.toPlan();
        }
        long needed = needed();
        remove(selection, scores, UnitType.MLP, ceiling(needed - selection.removedCost(), UnitType.MLP));
        remove(selection, scores, UnitType.ATTENTION, ceiling(needed - selection.removedCost(), UnitType.ATTENTION));
        if (selection.removedCost() < needed) {
            throw new UnreachableTargetException("target: " + (shape.parameters() - needed) + " parameters cannot be "
                    + "reached: with one KV group and " + MULTIPLE + " channels in each layer of the range "
                    + (shape.parameters() - selection.removedCost()) + " remain");
        }
        return selection.toPlan();
    }

    Allocation allocation() {
        double attention = weights(UnitType.ATTENTION);
        double mlp = weights(UnitType.MLP);
        double sparsity = goal.target() instanceof Target.Groups groups
                ? groups.removed()
                : Math.clamp(needed() / (attention + mlp), 0, 1);
        double rates = Double.isNaN(gamma) ? mlp / attention : gamma;
        return Allocation.of(attention, mlp, cost(UnitType.ATTENTION), cost(UnitType.MLP), sparsity, rates);
    }

    private void remove(Selection selection, UnitScores scores, UnitType type, long count) {
        if (count <= 0) {
            return;
        }
        Constraints wanted = goal.constraints();
        int multiple = wanted.channelMultiple() > 1
                ? wanted.channelMultiple()
                : MULTIPLE;
        if (wanted.uniform()) {
            int layers = shape.layers().size();
            boolean mayFallShort = type == UnitType.ATTENTION && selection.removedCost() == 0;
            removeEvenly(selection, scores, type, mayFallShort ? count / layers : Math.ceilDiv(count, layers));
            return;
        }
        Constraints constraints = new Constraints(1, Math.min(MULTIPLE, multiple), multiple, false);
        new GlobalSelector(shape, Set.of(type), GlobalSelector.Key.NONE, goal.layers(), constraints)
                .selectUnits(selection, scores, count);
    }

    /** The same number in every layer, the lowest of each; the paper has no such mode [D]. */
    private void removeEvenly(Selection selection, UnitScores scores, UnitType type, long perLayer) {
        UnitInventory inventory = new UnitInventory(shape);
        int multiple = type == UnitType.MLP ? goal.constraints().channelMultiple() : 1;
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            long now = selection.count(type, layer);
            int least = goal.constraints().minimum(type, inventory.count(type, layer));
            long kept = Math.max((now - perLayer) / multiple * multiple, least);
            inventory.units(type, layer).stream().filter(selection::isKept)
                    .sorted(Comparator.<Unit>comparingDouble(scores::of).thenComparing(Unit.ORDER))
                    .limit(Math.max(0, now - kept)).toList().forEach(selection::remove);
        }
    }

    private long needed() {
        return shape.parameters() - goal.target().budget(shape);
    }

    private long ceiling(long weights, UnitType type) {
        return weights <= 0 ? 0 : (long) Math.ceil(weights / cost(type));
    }

    private double weights(UnitType type) {
        return new UnitInventory(shape).units(type).stream()
                .filter(unit -> goal.layers().contains(type, unit.layer())).mapToLong(Unit::cost).sum();
    }

    /** Mean weights of a unit. */
    private double cost(UnitType type) {
        return new UnitInventory(shape).units(type).stream()
                .filter(unit -> goal.layers().contains(type, unit.layer())).mapToLong(Unit::cost).average()
                .orElse(1);
    }
}
