package io.espalier.pruning.method.llmpruner;

import io.espalier.pruning.importance.Criterion;
import io.espalier.pruning.importance.GqaFold;
import io.espalier.pruning.importance.Reduction;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.llmpruner.GroupPruning.Mode;
import io.espalier.pruning.method.llmpruner.GroupPruning.RankingScope;

/** Groups ranked by the size of their weights: LLM-Pruner's baseline without data. */
public final class Magnitude extends GroupMethod {
    @Override
    public String name() {
        return "magnitude";
    }

    @Override
    GroupPruning pruning(MethodOptions options) {
        return new GroupPruning(options.choice("norm", Criterion.L2), options.choice("reduction", Reduction.SUM),
                options.choice("ranking", RankingScope.LOCAL), Mode.BLOCK_WISE, GqaFold.CONTIGUOUS, 0, 1, 1);
    }
}
