package io.espalier.coordinator.job;

import io.espalier.protocol.message.Work;
import java.util.List;

/** RANK: one task merges all statistics into a plan, which is composed with the plan of the step before. */
record RankStage(int step) implements Stage {
    @Override
    public List<Work> open(Findings found) {
        return List.of(new Work.Rank(found.original(), found.request(), found.statistics(step), step == 1
                ? null
                : found.requiredPlan(step - 1), step, Pipeline.steps(found.request()),
                found
                        .times(found.request())));
    }
}
