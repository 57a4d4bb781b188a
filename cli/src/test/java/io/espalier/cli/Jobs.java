package io.espalier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.Stage;
import io.espalier.protocol.message.JobSnapshot.StageState;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Job snapshots for tests. */
public final class Jobs {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    private Jobs() {}

    public static JobSnapshot running(String id) {
        return job(id, JobSnapshot.State.RUNNING, 5, null);
    }

    public static JobSnapshot ended(String id, JobSnapshot.State state) {
        JobSnapshot.Problem problem = state == JobSnapshot.State.FAILED
                ? new JobSnapshot.Problem("model.safetensors is cut short", null, StageName.PREPARE, null)
                : null;
        return job(id, state, 9, problem);
    }

    private static JobSnapshot job(String id, JobSnapshot.State state, long revision, JobSnapshot.Problem problem) {
        Stage prepare = stage(StageName.PREPARE, StageState.DONE, 1, 1, 1);
        Stage score = stage(StageName.SCORE, StageState.RUNNING, 4, 1, 0.25);
        return new JobSnapshot(new JobId(id), null, state, revision, 0.4, AT, AT, state.ended() ? AT : null, request(),
                "digest", List.of(prepare, score), problem, null, null, null, Map.of(), null, null, null, null,
                null, List.of(), List.of(), null, null);
    }

    private static Stage stage(StageName name, StageState state, int tasks, int done, double progress) {
        return new Stage(name, 1, state, 0, tasks, done, tasks, progress, 0.1, 1, 1.5, false, 100, 1000, AT, null,
                List.of(), null);
    }

    public static PruningRequest request() {
        ObjectNode json = Json.requests().createObjectNode().put("model", "/models/m");
        json.putObject("method").put("name", "magnitude");
        json.putObject("target").put("parameters", 0.8);
        return new RequestReader().read(json);
    }
}
