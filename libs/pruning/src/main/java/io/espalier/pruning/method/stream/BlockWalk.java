package io.espalier.pruning.method.stream;

import ai.djl.ndarray.NDManager;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.BlockWeights;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.ScoringTask;

/**
 * Takes samples through a model's blocks from the first on, with one block's weights in memory at a time. The visitor
 * decides what passes the block: its weights as they are, or others.
 */
public record BlockWalk(ScoringTask task) {
    /** Sees one block and the samples in front of it, and moves them on. */
    @FunctionalInterface
    public interface Visitor {
        /** @param scope closed after the block, with the weights and all that the visitor made in it */
        void block(Model model, NDManager scope, BlockWeights weights, ActivationStream stream);
    }

    /**
     * From the first block on, or from where an earlier walk of the same task had stopped.
     *
     * @param layers     how many blocks, from the first
     * @param statistics all that the visitor carries from block to block
     */
    public void run(int layers, Statistics statistics, Visitor visitor) throws InterruptedException {
        MicroBatches tokens = MicroBatches.of(task.samples(), task.microBatch());
        try (Model model = task.compute().open(task.model());
                ActivationStream stream = task.compute().streamer(model).stream(tokens,
                        task.checkpoints(statistics))) {
            for (int layer = stream.layer(); layer < layers; layer++) {
                try (NDManager scope = model.newScope()) {
                    visitor.block(model, scope, model.block(scope, layer), stream);
                }
                model.release(layer);
                if (layer + 1 < layers) {
                    stream.reached(layer + 1);
                }
                task.progress().tokens(tokens() / layers);
                task.progress().at((layer + 1.0) / layers, "layer " + layer);
            }
        }
    }

    private long tokens() {
        long tokens = 0;
        for (int[] sample : task.samples()) {
            tokens += sample.length;
        }
        return tokens;
    }
}
