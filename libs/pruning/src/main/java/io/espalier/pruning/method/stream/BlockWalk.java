package io.espalier.pruning.method.stream;

import ai.djl.ndarray.NDManager;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.BlockWeights;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.Progress;
import java.nio.file.Path;

/**
 * Takes samples through a model's blocks from the first on, with one block's weights in memory at a time. The visitor
 * decides what passes the block: its weights as they are, or others.
 */
public record BlockWalk(Path folder, Compute compute, int[][] samples, int microBatch, Progress progress) {
    /** Sees one block and the samples in front of it, and moves them on. */
    @FunctionalInterface
    public interface Visitor {
        /** @param scope closed after the block, with the weights and all that the visitor made in it */
        void block(Model model, NDManager scope, BlockWeights weights, ActivationStream stream);
    }

    /** @param layers how many blocks, from the first */
    public void run(int layers, Visitor visitor) throws InterruptedException {
        try (Model model = compute.open(folder);
                ActivationStream stream = compute.streamer(model).stream(MicroBatches.of(samples, microBatch))) {
            for (int layer = 0; layer < layers; layer++) {
                try (NDManager scope = model.newScope()) {
                    visitor.block(model, scope, model.block(scope, layer), stream);
                }
                model.release(layer);
                progress.tokens(tokens() / layers);
                progress.at((layer + 1.0) / layers, "layer " + layer);
            }
        }
    }

    private long tokens() {
        long tokens = 0;
        for (int[] sample : samples) {
            tokens += sample.length;
        }
        return tokens;
    }
}
