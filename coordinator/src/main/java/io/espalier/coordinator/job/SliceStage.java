package io.espalier.coordinator.job;

import io.espalier.protocol.message.Work;
import java.util.List;

/** SLICE: one task; it always cuts the original, because plans are in its units. */
record SliceStage(int step) implements Stage {
    @Override
    public List<Work> open(Findings found) {
        return List.of(new Work.Slice(found.original(), found.chosen().method(), found.requiredPlan(step),
                found.calibration(step)));
    }
}
