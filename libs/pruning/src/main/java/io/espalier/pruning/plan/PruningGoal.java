package io.espalier.pruning.plan;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.plan.LayerRanges.Range;

/** What a plan must meet: how small, where, and in what shape. */
public record PruningGoal(Target target, LayerRanges layers, Constraints constraints) {
    /**
     * Refuses what no method can meet on this model.
     *
     * @throws IllegalArgumentException naming key, value and remedy
     */
    public void check(ModelShape shape) {
        int count = shape.layers().size();
        check("layers.attention", layers.attention(), count);
        check("layers.mlp", layers.mlp(), count);
        if (constraints.uniform() && !canBeUniform(shape)) {
            throw new IllegalArgumentException("shape.uniform: true needs layers of equal widths and layers.attention "
                    + "and layers.mlp to cover all of them (0.." + (count - 1) + "), because a layer that may not be "
                    + "pruned keeps its widths");
        }
        if (!(target instanceof Target.Groups) && target.budget(shape) > shape.parameters()) {
            throw new IllegalArgumentException("target: " + target.budget(shape) + " parameters are more than the "
                    + shape.parameters() + " that the model has");
        }
    }

    private boolean canBeUniform(ModelShape shape) {
        return layers.equals(LayerRanges.all(shape.layers().size()))
                && shape.layers().stream().distinct().count() == 1;
    }

    private static void check(String key, Range range, int count) {
        if (range.first() > range.last() || range.first() < 0 || range.last() >= count) {
            throw new IllegalArgumentException(key + ": " + range.first() + ".." + range.last()
                    + " is not inside this model, which has layers 0.." + (count - 1));
        }
    }
}
