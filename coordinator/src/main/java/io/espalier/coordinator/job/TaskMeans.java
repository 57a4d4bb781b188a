package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The mean of a model's zero-shot tasks, by which papers compare. They mix the metrics, so both stand here: {@code acc} of
 * all tasks, and {@code acc_norm} where a task has it and {@code acc} elsewhere, as LLM-Pruner's tables do.
 */
final class TaskMeans {
    private TaskMeans() {}

    /** Adds {@code mean: {acc, acc_norm, tasks}} to a model with at least two zero-shot tasks. */
    static void put(ObjectNode model) {
        List<JsonNode> tasks = new ArrayList<>();
        model.path("tasks").forEach(task -> {
            if (task.hasNonNull("acc")) {
                tasks.add(task);
            }
        });
        if (tasks.size() > 1) {
            double acc = tasks.stream().mapToDouble(task -> task.get("acc").asDouble()).average().orElseThrow();
            double norm = tasks.stream().mapToDouble(task -> (task.hasNonNull("acc_norm")
                    ? task.get("acc_norm")
                    : task.get("acc")).asDouble()).average().orElseThrow();
            model.putObject("mean").put("acc", acc).put("acc_norm", norm).put("tasks", tasks.size());
        }
    }
}
