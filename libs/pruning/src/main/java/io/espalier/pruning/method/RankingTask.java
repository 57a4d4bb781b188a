package io.espalier.pruning.method;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;

/**
 * What a method makes a plan from.
 *
 * @param original   shape of the original checkpoint
 * @param goal       what the plan must meet
 * @param statistics of all tasks, merged
 * @param seed       of every random draw
 * @param previous   plan of the step before, null in the first
 * @param step       this step of an iterative pruning, from 1
 * @param steps      how many there are
 */
public record RankingTask(ModelShape original, MethodOptions options, PruningGoal goal, Statistics statistics,
        long seed, PruningPlan previous, int step, int steps) {
    /** Shape of the model that was scored. */
    public ModelShape scored() {
        return previous == null ? original : previous.shape(original);
    }

    /** The same, to be made smaller or larger. */
    public RankingTask withTarget(Target target) {
        return new RankingTask(original, options, new PruningGoal(target, goal.layers(), goal.constraints()),
                statistics,
                seed, previous, step, steps);
    }
}
