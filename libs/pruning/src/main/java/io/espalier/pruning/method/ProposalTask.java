package io.espalier.pruning.method;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.PruningGoal;
import java.util.List;

/**
 * What an iterative method proposes from.
 *
 * @param statistics one for each task of SCORE, in their order
 * @param seed       of every random draw
 * @param state      of the round before, null in the first
 * @param measured   value of each candidate of the round before, in order; NaN where it could not be measured
 */
public record ProposalTask(ModelShape original, MethodOptions options, PruningGoal goal, List<Statistics> statistics,
        long seed, JsonNode state, List<Double> measured) {
    public ProposalTask {
        statistics = List.copyOf(statistics);
        measured = List.copyOf(measured);
    }

    public boolean isFirst() {
        return state == null;
    }
}
