package io.espalier.pruning.plan;

import io.espalier.pruning.group.ModelShape;
import java.util.List;
import java.util.stream.IntStream;

/** Layer-wise pruning: keeps the first blocks and drops the rest; nothing is scored. */
public record DepthSelector(ModelShape shape) {
    /** Blocks kept: the most that meet the target, {@code int(L (1 - ratio))} for a target in groups. */
    public int kept(Target target) {
        int layers = shape.layers().size();
        if (target instanceof Target.Groups groups) {
            return Math.max(1, (int) (layers * (1 - groups.removed())));
        }
        long budget = target.budget(shape);
        Unreachable.check(budget, first(1).parameters());
        return IntStream.rangeClosed(1, layers).map(i -> layers + 1 - i)
                .filter(kept -> first(kept).parameters() <= budget).findFirst().orElseThrow();
    }

    public PruningPlan select(int kept) {
        List<LayerPlan> layers = new Selection(shape).toPlan().layers().subList(0, kept);
        return PruningPlan.of(shape, layers, null);
    }

    private ModelShape first(int kept) {
        return shape.withLayers(shape.layers().subList(0, kept));
    }
}
