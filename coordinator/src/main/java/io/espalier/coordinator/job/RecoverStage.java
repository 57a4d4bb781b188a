package io.espalier.coordinator.job;

import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import java.util.List;

/**
 * RECOVER: one task. Where it does not improve the model it says so and writes none; the pruned model then stays the
 * result.
 */
record RecoverStage() implements Stage {
    private static final long DEFAULT_SEED = 42;

    static long seed(PruningRequest request) {
        return request.calibration() == null ? DEFAULT_SEED : request.calibration().seed();
    }

    @Override
    public List<Work> open(Findings found) {
        return List.of(new Work.Recover(found.requiredPruned(), found.request().recovery().lora(), seed(found
                .chosen())));
    }
}
