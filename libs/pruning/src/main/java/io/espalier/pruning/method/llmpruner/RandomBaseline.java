package io.espalier.pruning.method.llmpruner;

import io.espalier.pruning.importance.Criterion;
import io.espalier.pruning.importance.GqaFold;
import io.espalier.pruning.importance.Reduction;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.llmpruner.GroupPruning.Mode;
import io.espalier.pruning.method.llmpruner.GroupPruning.RankingScope;

/** Groups ranked by noise: the floor that every method must beat. */
public final class RandomBaseline extends GroupMethod {
    @Override
    public String name() {
        return "random";
    }

    @Override
    GroupPruning pruning(MethodOptions options) {
        return new GroupPruning(Criterion.RANDOM, Reduction.SUM, options.choice("ranking", RankingScope.LOCAL),
                Mode.BLOCK_WISE, GqaFold.CONTIGUOUS, 0, 1, 1);
    }
}
