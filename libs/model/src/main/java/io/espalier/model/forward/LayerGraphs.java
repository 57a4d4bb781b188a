package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** The weights of one layer, what they collect, and the graphs of the micro-batches that have passed it. */
final class LayerGraphs implements AutoCloseable {
    private final Model model;
    private final NDManager scope;
    private final BlockWeights weights;
    private final boolean wanted;
    private final Map<Integer, WeightGradients> gradients = new HashMap<>();
    private final Map<Integer, BlockGraph> graphs = new HashMap<>();
    private final IntUnaryOperator set;

    /** @param wanted whether the weights shall collect gradients */
    LayerGraphs(Model model, NDManager parent, int layer, Gradients kind, boolean wanted) {
        this.model = model;
        this.scope = parent.newSubManager();
        this.weights = model.block(scope, layer);
        this.wanted = wanted;
        this.set = m -> kind == Gradients.PER_SEQUENCE ? m : 0;
    }

    BlockWeights weights() {
        return weights;
    }

    /** Passes a micro-batch; its graph is kept until {@link #back}. */
    NDArray pass(int microBatch, Positions positions, BlockHooks hooks, ActivationStore store) {
        BlockWeights own = collecting(microBatch).weights();
        try (NDManager passing = model.newScope()) {
            NDArray x = store.get(passing, weights.layer(), microBatch);
            BlockGraph graph = BlockGraph.record(x, scope,
                    (in, linears) -> model.decoder().forward(in, own, positions, hooks, linears));
            graphs.put(microBatch, graph);
            return graph.output();
        }
    }

    boolean has(int microBatch) {
        return graphs.containsKey(microBatch);
    }

    /** Goes back through a micro-batch's graph, which is forgotten; returns the gradient of its input, in {@code scope}. */
    NDArray back(int microBatch, NDArray upstream, NDManager scope) {
        try (BlockGraph graph = graphs.remove(microBatch)) {
            return graph.back(upstream, scope, collecting(microBatch));
        }
    }

    /**
     * What the weights have collected: from one micro-batch where gradients are per sequence, otherwise from all. Valid
     * until {@link #forget}.
     */
    BlockWeights gradients(int microBatch) {
        return collecting(microBatch).collected();
    }

    /** Gives up what the weights have collected from a micro-batch. */
    void forget(int microBatch) {
        gradients.remove(set.applyAsInt(microBatch)).close();
    }

    @Override
    public void close() {
        scope.close();
    }

    private WeightGradients collecting(int microBatch) {
        return gradients.computeIfAbsent(set.applyAsInt(microBatch),
                _ -> new WeightGradients(scope, weights, wanted));
    }
}
