package io.espalier.coordinator.job;

import io.espalier.protocol.message.Work;
import java.util.List;

/**
 * RECOVER: one task. Where it does not improve the model it says so and writes none; the pruned model then stays the
 * result.
 */
record RecoverStage() implements Stage {
    private static final long DEFAULT_SEED = 42;

    @Override
    public List<Work> open(Findings found) {
        long seed = found.request().calibration() == null ? DEFAULT_SEED : found.request().calibration().seed();
        return List.of(new Work.Recover(found.requiredPruned(), found.request().recovery().lora(), seed));
    }
}
