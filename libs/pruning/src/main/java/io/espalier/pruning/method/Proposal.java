package io.espalier.pruning.method;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.pruning.plan.PruningPlan;
import java.util.List;

/**
 * One round of an iterative method.
 *
 * @param state      what the next round needs to know
 * @param candidates to be measured; empty when it is done
 * @param plan       the choice, null until it is done
 * @param best       lowest value so far, NaN before the first
 */
public record Proposal(JsonNode state, List<PruningPlan> candidates, PruningPlan plan, double best) {
    public Proposal {
        candidates = List.copyOf(candidates);
        if (candidates.isEmpty() == (plan == null)) {
            throw new IllegalArgumentException("a round has either candidates or a plan");
        }
    }

    public static Proposal goOn(JsonNode state, List<PruningPlan> candidates, double best) {
        return new Proposal(state, candidates, null, best);
    }

    public static Proposal done(JsonNode state, PruningPlan plan, double best) {
        return new Proposal(state, List.of(), plan, best);
    }

    public boolean isDone() {
        return plan != null;
    }
}
