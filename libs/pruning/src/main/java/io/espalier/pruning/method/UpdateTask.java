package io.espalier.pruning.method;

import io.espalier.pruning.plan.PruningPlan;
import java.nio.file.Path;

/**
 * What a method repairs the weights of a pruned model from.
 *
 * @param model      checkpoint folder of the original
 * @param samples    token ids [samples, length]; empty where there are none
 * @param microBatch sequences in one forward pass
 */
public record UpdateTask(Path model, MethodOptions options, PruningPlan plan, int[][] samples, int microBatch,
        Compute compute, Progress progress) {}
