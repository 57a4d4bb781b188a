package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * The weights of one layer as leaves that collect gradients, and the graphs of the micro-batches that have passed it. The
 * weights themselves collect nothing.
 */
final class LayerGraphs implements AutoCloseable {
    private final Model model;
    private final NDManager scope;
    private final BlockWeights weights;
    private final boolean wanted;
    private final Map<Integer, BlockWeights> leaves = new HashMap<>();
    private final Map<Integer, BlockWeights> gradients = new HashMap<>();
    private final Map<Integer, BlockGraph> graphs = new HashMap<>();
    private final IntUnaryOperator leafSet;

    /** @param wanted whether the weights shall collect gradients */
    LayerGraphs(Model model, NDManager parent, int layer, Gradients kind, boolean wanted) {
        this.model = model;
        this.scope = parent.newSubManager();
        this.weights = model.block(scope, layer);
        this.wanted = wanted;
        this.leafSet = m -> kind == Gradients.PER_SEQUENCE ? m : 0;
    }

    BlockWeights weights() {
        return weights;
    }

    /** Passes a micro-batch; its graph is kept until {@link #back}. */
    NDArray pass(int microBatch, Positions positions, BlockHooks hooks, ActivationStore store) {
        BlockWeights own = leaves(microBatch);
        try (NDManager passing = model.newScope()) {
            NDArray x = store.get(passing, weights.layer(), microBatch);
            BlockGraph graph = BlockGraph.record(x, scope, in -> model.decoder().forward(in, own, positions, hooks));
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
            return graph.back(upstream, scope);
        }
    }

    /**
     * What the weights have collected: from one micro-batch where gradients are per sequence, otherwise from all. Valid
     * until {@link #forget}. (The engine hands out a hold on a gradient each time it is asked: one is taken, and given up.)
     */
    BlockWeights gradients(int microBatch) {
        return gradients.computeIfAbsent(leafSet.applyAsInt(microBatch),
                _ -> leaves(microBatch).map(NDArray::getGradient));
    }

    /** Gives up what a micro-batch's leaves have collected. */
    void forget(int microBatch) {
        int set = leafSet.applyAsInt(microBatch);
        gradients.remove(set).arrays().values().forEach(NDArray::close);
        leaves.remove(set).arrays().values().forEach(NDArray::close);
    }

    @Override
    public void close() {
        scope.close();
    }

    private BlockWeights leaves(int microBatch) {
        return leaves.computeIfAbsent(leafSet.applyAsInt(microBatch), set -> weights.map(this::leaf));
    }

    private NDArray leaf(NDArray weight) {
        NDArray leaf = weight.stopGradient();
        leaf.attach(scope);
        leaf.setRequiresGradient(wanted);
        return leaf;
    }
}
