package io.espalier.pruning.method.llmpruner;

import io.espalier.pruning.importance.Criterion;
import io.espalier.pruning.importance.GqaFold;
import io.espalier.pruning.importance.Reduction;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.llmpruner.GroupPruning.Mode;
import io.espalier.pruning.method.llmpruner.GroupPruning.RankingScope;

/** LLM-Pruner: On the Structural Pruning of Large Language Models, NeurIPS 2023, arXiv:2305.11627. */
public final class LlmPruner extends GroupMethod {
    @Override
    public String name() {
        return "llm-pruner";
    }

    @Override
    GroupPruning pruning(MethodOptions options) {
        return new GroupPruning(options.choice("criterion", Criterion.PARAM_FIRST),
                options.choice("reduction", Reduction.SUM), options.choice("ranking", RankingScope.LOCAL),
                options.choice("mode", Mode.BLOCK_WISE), options.choice("gqaFold", GqaFold.CONTIGUOUS),
                options.integer("keepLayers", 0), options.integer("iterativeSteps", 1),
                options.integer("layerRanges", 1));
    }
}
