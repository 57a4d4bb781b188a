package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import java.util.List;

/** REPORT: one task writes the result folder, with the report as it reads once the folder is there. */
record ReportStage() implements Stage {
    @Override
    public List<Work> open(Findings found) {
        JobSnapshot snapshot = Snapshots.ended(Snapshots.of(found.job(), found.at()),
                JobSnapshot.State.SUCCEEDED, found.at());
        ObjectNode report = Json.events()
                .valueToTree(ReportComposer.compose(snapshot, null).withoutStage(StageName.REPORT.name()));
        return List.of(new Work.Export(found.recovered().orElseGet(found::requiredPruned), found.original(),
                found.lastPlan().orElse(null), found.calibration(1), found.request().output().location(),
                found.request().output().formats(),
                report, EvaluateStage.samples(found)));
    }
}
