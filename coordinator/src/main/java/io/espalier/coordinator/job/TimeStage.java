package io.espalier.coordinator.job;

import io.espalier.protocol.message.Work;
import java.util.List;

/** TIME: one task, whose table the plans of all steps and candidates rest on. */
record TimeStage() implements Stage {
    @Override
    public List<Work> open(Findings found) {
        return List.of(new Work.Time(found.original()));
    }
}
