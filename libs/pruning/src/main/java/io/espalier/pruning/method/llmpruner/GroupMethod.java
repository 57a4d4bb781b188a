package io.espalier.pruning.method.llmpruner;

import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.UnitScores;

/** A method that is {@link GroupPruning} with choices made by its options. */
abstract sealed class GroupMethod implements PruningMethod permits LlmPruner, Magnitude, RandomBaseline {
    abstract GroupPruning pruning(MethodOptions options);

    @Override
    public final Scoring scoring(MethodOptions options) {
        return pruning(options).scoring();
    }

    @Override
    public final void check(ModelShape shape, PruningGoal goal, MethodOptions options) {
        pruning(options).check(shape, goal);
    }

    @Override
    public final long predictedParameters(ModelShape shape, PruningGoal goal, MethodOptions options) {
        return pruning(options).predictedParameters(shape, goal);
    }

    @Override
    public final int blockCopies(MethodOptions options) {
        return pruning(options).blockCopies();
    }

    @Override
    public final long workBytes(ModelConfig config, MethodOptions options) {
        return pruning(options).workBytes(config);
    }

    @Override
    public final Statistics score(ScoringTask task) throws InterruptedException {
        return pruning(task.options()).score(task);
    }

    @Override
    public final PruningPlan rank(RankingTask task) {
        return pruning(task.options()).rank(task);
    }

    @Override
    public final UnitScores scores(RankingTask task) {
        return pruning(task.options()).scores(task);
    }
}
