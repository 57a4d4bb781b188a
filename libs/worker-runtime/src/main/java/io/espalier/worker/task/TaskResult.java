package io.espalier.worker.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.ArtifactRef;
import java.util.Map;

/** Outputs by name and small facts, as {@link io.espalier.protocol.message.Work} promises them. */
public record TaskResult(Map<String, ArtifactRef> outputs, ObjectNode facts) {
    public TaskResult {
        outputs = Map.copyOf(outputs);
        facts = facts == null ? JsonNodeFactory.instance.objectNode() : facts;
    }
}
