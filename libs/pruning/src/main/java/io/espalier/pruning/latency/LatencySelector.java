package io.espalier.pruning.latency;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnreachableTargetException;
import java.util.Locale;
import java.util.function.Function;

/**
 * The largest plan of a method that keeps a time. Any method that can meet a share of the parameters can meet a time: the
 * share is found by halving [D], since what a plan should take grows with what it keeps.
 *
 * @param most milliseconds
 */
public record LatencySelector(ModelShape original, LatencyModel model, double most) {
    /** Shares are told apart to a 65536th: some hundred thousand of seven billion parameters. */
    private static final int HALVINGS = 16;

    /** @param share of all parameters that the method was told to keep */
    public record Found(double share, PruningPlan plan) {}

    /**
     * @param ranking a method's plan for a share of the parameters
     * @throws UnreachableTargetException if no plan should be fast enough
     */
    public Found select(Function<Target, PruningPlan> ranking) {
        Found whole = new Found(1, ranking.apply(new Target.Share(1)));
        if (keepsTime(whole.plan())) {
            return whole;
        }
        Found best = null;
        PruningPlan smallest = whole.plan();
        double low = 0;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            PruningPlan plan = reachable(ranking, middle);
            if (plan == null) {
                low = middle;
            } else if (keepsTime(plan)) {
                best = new Found(middle, plan);
                low = middle;
            } else {
                smallest = plan;
                high = middle;
            }
        }
        if (best == null) {
            throw tooSlow(smallest);
        }
        return best;
    }

    private boolean keepsTime(PruningPlan plan) {
        return predict(plan) <= most;
    }

    private double predict(PruningPlan plan) {
        return model.predict(Widths.of(plan.shape(original)));
    }

    /** Null for less than the minimum widths: something larger is tried next. */
    private static PruningPlan reachable(Function<Target, PruningPlan> ranking, double share) {
        try {
            return ranking.apply(new Target.Share(share));
        } catch (UnreachableTargetException e) {
            return null;
        }
    }

    private UnreachableTargetException tooSlow(PruningPlan smallest) {
        return new UnreachableTargetException(String.format(Locale.ROOT,
                "target.latency: %.4g ms cannot be reached: the original should take %.4g ms, and the smallest plan that "
                        + "method, layer ranges and minimum widths allow %.4g ms; widen layers.attention and layers.mlp, "
                        + "or ask for less",
                most, model.predict(Widths.of(original)), predict(smallest)));
    }
}
