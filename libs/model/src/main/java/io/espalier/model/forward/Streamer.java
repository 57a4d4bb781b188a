package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.engine.Torch;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs sequences through a model, blocks outside, micro-batches inside, so that no more than one block's weights, their
 * gradients and one micro-batch are in memory; what stands at the boundaries of blocks is kept, or spilled to disk.
 *
 * <p>
 * Backward (methods.md section 9): from the last block on, weights are loaded again, the block is recomputed from its
 * input under autograd, the gradient of its output is injected, and the gradients of its weights are handed out and
 * forgotten. Each block's weights are so read twice.
 */
public final class Streamer {
    private static final long DEFAULT_MEMORY_BYTES = 512L << 20;

    private final Model model;
    private final long memoryBytes;
    private final Path spillFolder;

    public Streamer(Model model) {
        this(model, DEFAULT_MEMORY_BYTES, null);
    }

    /**
     * @param memoryBytes for activations at block boundaries; more goes to disk
     * @param spillFolder null for the system's temporary folder
     */
    public Streamer(Model model, long memoryBytes, Path spillFolder) {
        this.model = model;
        this.memoryBytes = memoryBytes;
        this.spillFolder = spillFolder;
    }

    /** Runs all blocks; the visitor's hooks see what passes. */
    public void forward(MicroBatches tokens, ForwardVisitor visitor) {
        try (ActivationStream stream = stream(tokens)) {
            forward(stream, visitor);
        }
    }

    /** How well each next token of each sequence is predicted, in their order. */
    public List<TokenScores> scores(MicroBatches tokens, ForwardVisitor visitor) {
        try (ActivationStream stream = stream(tokens)) {
            forward(stream, visitor);
            return stream.scores();
        }
    }

    /** Sequences in front of the first block, to be moved block by block by the caller. */
    public ActivationStream stream(MicroBatches tokens) {
        return new ActivationStream(model, tokens, memoryBytes, spillFolder);
    }

    private void forward(ActivationStream stream, ForwardVisitor visitor) {
        for (int layer = 0; layer < model.config().layers().size(); layer++) {
            int index = layer;
            try (NDManager scope = model.newScope()) {
                stream.advance(model.block(scope, layer), microBatch -> {
                    visitor.checkpoint();
                    return visitor.hooks(index, microBatch);
                });
            }
            model.release(layer);
            visitor.layerDone(layer);
        }
    }

    /**
     * Gradients of an objective with respect to the weights of the layers that the visitor wants.
     *
     * @param sequences how many the mean is taken over; more than those given where others hold the rest
     * @return mean of the objective: the sum over the given sequences divided by {@code sequences}
     */
    public double backward(MicroBatches tokens, HeadObjective objective, Gradients kind, int sequences,
            GradientVisitor visitor) {
        return new Backward(tokens, objective, kind, sequences, visitor).run();
    }

    private final class Backward {
        private final MicroBatches tokens;
        private final HeadObjective objective;
        private final Gradients kind;
        private final int sequences;
        private final GradientVisitor visitor;
        private final int layers = model.config().layers().size();
        private final Map<Integer, Positions> positions = new HashMap<>();

        Backward(MicroBatches tokens, HeadObjective objective, Gradients kind, int sequences,
                GradientVisitor visitor) {
            if (kind == Gradients.PER_SEQUENCE && tokens.count() != tokens.sequences()) {
                throw new IllegalArgumentException("gradients per sequence need micro-batches of 1");
            }
            this.tokens = tokens;
            this.objective = objective;
            this.kind = kind;
            this.sequences = sequences;
            this.visitor = visitor;
        }

        double run() {
            try (NDManager manager = model.newScope();
                    var store = new ActivationStore(manager, memoryBytes, spillFolder)) {
                forward(manager, store);
                double value = head(store);
                int first = firstReached();
                for (int layer = layers - 1; layer >= first; layer--) {
                    block(layer, store);
                    model.release(layer);
                    Torch.trim();
                    visitor.layerDone(layer);
                }
                return value;
            }
        }

        private int firstReached() {
            int first = 0;
            while (first < layers && !visitor.reaches(first)) {
                first++;
            }
            return first;
        }

        /** Slot {@code layer} of the store is the input of that layer, slot {@code layers} what the last one returns. */
        private void forward(NDManager manager, ActivationStore store) {
            int first = firstReached();
            for (int m = 0; m < tokens.count(); m++) {
                try (NDManager scope = model.newScope()) {
                    store.put(0, m, model.embedding().forward(scope, tokens.get(m)));
                }
                positions.computeIfAbsent(tokens.get(m)[0].length, t -> model.positions(manager, 0, t));
            }
            for (int layer = 0; layer < layers; layer++) {
                try (NDManager blockScope = model.newScope()) {
                    BlockWeights weights = model.block(blockScope, layer);
                    for (int m = 0; m < tokens.count(); m++) {
                        visitor.checkpoint();
                        try (NDManager scope = model.newScope()) {
                            store.put(layer + 1, m, block(store.get(scope, layer, m), weights, layer, m));
                        }
                        if (layer < first) {
                            store.remove(layer, m);
                        }
                    }
                }
                model.release(layer);
            }
        }

        private NDArray block(NDArray x, BlockWeights weights, int layer, int m) {
            return model.decoder().forward(x, weights, positions.get(tokens.get(m)[0].length),
                    visitor.hooks(layer, m));
        }

        /** Replaces what the last block returned by the gradient with respect to it. */
        private double head(ActivationStore store) {
            double value = 0;
            for (int m = 0; m < tokens.count(); m++) {
                try (NDManager scope = model.newScope()) {
                    NDArray x = store.get(scope, layers, m);
                    x.setRequiresGradient(true);
                    NDArray normWeight = model.head().normWeight(scope);
                    NDArray h = Torch.withGradients(() -> model.head().normed(x, normWeight));
                    HeadObjective.Result result = objective.apply(model.head(), h.stopGradient(), tokens.get(m));
                    value += result.value();
                    NDArray upstream = kind == Gradients.BATCH
                            ? result.gradient().mul(1f / sequences)
                            : result.gradient();
                    Torch.backward(h, upstream);
                    store.put(layers, m, x.getGradient());
                }
            }
            return value / sequences;
        }

        private void block(int layer, ActivationStore store) {
            try (NDManager blockScope = model.newScope()) {
                BlockWeights weights = model.block(blockScope, layer);
                BlockWeights leaves = leaves(blockScope, weights);
                for (int m = 0; m < tokens.count(); m++) {
                    visitor.checkpoint();
                    microBatch(layer, m, leaves, store);
                    if (kind == Gradients.PER_SEQUENCE && visitor.wants(layer)) {
                        visitor.sequence(layer, m, weights, leaves.map(NDArray::getGradient));
                        leaves = renewed(blockScope, weights, leaves);
                    }
                }
                if (kind == Gradients.BATCH && visitor.wants(layer)) {
                    visitor.block(layer, weights, leaves.map(NDArray::getGradient));
                }
            }
        }

        private void microBatch(int layer, int m, BlockWeights leaves, ActivationStore store) {
            try (NDManager scope = model.newScope()) {
                NDArray x = store.get(scope, layer, m);
                x.setRequiresGradient(true);
                NDArray y = Torch.withGradients(() -> block(x, leaves, layer, m));
                Torch.backward(y, store.get(scope, layer + 1, m));
                store.put(layer, m, x.getGradient());
                store.remove(layer + 1, m);
            }
        }

        /** Aliases of the weights that collect gradients, so that nothing sticks to the weights themselves. */
        private BlockWeights leaves(NDManager scope, BlockWeights weights) {
            return weights.map(w -> {
                NDArray leaf = w.stopGradient();
                leaf.attach(scope);
                if (visitor.wants(weights.layer())) {
                    leaf.setRequiresGradient(true);
                }
                return leaf;
            });
        }

        private BlockWeights renewed(NDManager scope, BlockWeights weights, BlockWeights used) {
            used.arrays().values().forEach(NDArray::close);
            return leaves(scope, weights);
        }
    }
}
