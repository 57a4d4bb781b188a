package io.espalier.pruning.method;

import io.espalier.model.forward.PassCheckpoints;
import io.espalier.model.forward.PassKeeper;
import io.espalier.model.forward.PipelineRange;
import io.espalier.model.forward.RangeNeighbours;
import io.espalier.model.weights.ContentDigest;
import io.espalier.pruning.importance.CarriedStatistics;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.LayerRanges;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

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
 * @param keeper      of checkpoints between blocks
 * @param pipeline    its place among the tasks that have the other layers; null where it works alone
 */
public record ScoringTask(Path model, MethodOptions options, LayerRanges layers, int[][] samples, int firstSample,
        int fromLayer, int toLayer, int microBatch, Compute compute, Progress progress, PassKeeper keeper,
        PipelineRange pipeline) {
    /** Alone. */
    public ScoringTask(Path model, MethodOptions options, LayerRanges layers, int[][] samples, int firstSample,
            int fromLayer, int toLayer, int microBatch, Compute compute, Progress progress, PassKeeper keeper) {
        this(model, options, layers, samples, firstSample, fromLayer, toLayer, microBatch, compute, progress, keeper,
                null);
    }

    /** Alone and without checkpoints. */
    public ScoringTask(Path model, MethodOptions options, LayerRanges layers, int[][] samples, int firstSample,
            int fromLayer, int toLayer, int microBatch, Compute compute, Progress progress) {
        this(model, options, layers, samples, firstSample, fromLayer, toLayer, microBatch, compute, progress,
                PassKeeper.NONE);
    }

    /** The same task beside the ranges of layers that others have; see {@link PipelineRange}. */
    public ScoringTask beside(RangeNeighbours neighbours, int inFlight, long graphBytes) {
        return with(new PipelineRange(fromLayer, toLayer, inFlight, graphBytes, neighbours));
    }

    ScoringTask alone() {
        return with(null);
    }

    private ScoringTask with(PipelineRange range) {
        return new ScoringTask(model, options, layers, samples, firstSample, fromLayer, toLayer, microBatch, compute,
                progress, keeper, range);
    }

    public boolean covers(int layer) {
        return layer >= fromLayer && layer < toLayer;
    }

    /** Of the pass that fills these statistics. */
    public PassCheckpoints checkpoints(Statistics statistics) {
        return new PassCheckpoints(keeper, digest(), new CarriedStatistics(statistics));
    }

    /** Of all that the numbers depend on, the model's weights excepted: whoever keeps checkpoints tells models apart. */
    private String digest() {
        String all = options.json() + " " + layers + " " + firstSample + " " + fromLayer + " " + toLayer + " "
                + microBatch + " " + Arrays.deepToString(samples);
        return ContentDigest.ofBytes(all.getBytes(StandardCharsets.UTF_8));
    }
}
