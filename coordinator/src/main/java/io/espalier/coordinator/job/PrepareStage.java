package io.espalier.coordinator.job;

import io.espalier.protocol.message.Work;
import java.util.List;

/** PREPARE: one task. Each step of an iterative pruning draws other samples, always from the user's own checkpoint. */
record PrepareStage(int step) implements Stage {
    @Override
    public List<Work> open(Findings found) {
        return List.of(new Work.Prepare(found.original(), found.request().candidate(0), step - 1));
    }
}
