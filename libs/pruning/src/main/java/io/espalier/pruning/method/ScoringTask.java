package io.espalier.pruning.method;

import io.espalier.pruning.plan.LayerRanges;
import java.nio.file.Path;

/**
 * One task's part of a method's scoring.
 *
 * @param model       checkpoint folder
 * @param layers      layers that may lose units
 * @param samples     token ids [samples of this task, length]; empty where the method needs none
 * @param firstSample index of the first of them among all samples
 * @param fromLayer   first layer of this task
 * @param toLayer     one behind its last layer
 * @param microBatch  most sequences in one forward pass
 * @param progress    to be told after each micro-batch or block
 */
public record ScoringTask(Path model, MethodOptions options, LayerRanges layers, int[][] samples, int firstSample,
        int fromLayer, int toLayer, int microBatch, Compute compute, Progress progress) {}
