package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One backward pass. Slot l of the store is the input of layer l, slot L what the last one returns; from the last layer on
 * each slot is overwritten by the gradient with respect to it.
 *
 * <p>What autograd recorded on the way forward is kept where model and graphs fit into memory. Otherwise each block is
 * recomputed from its input: the same operations on the same numbers, so the gradients are the same to the last bit.
 */
final class BackwardPass {
    private final Model model;
    private final MicroBatches tokens;
    private final HeadObjective objective;
    private final Gradients kind;
    private final int sequences;
    private final GradientVisitor visitor;
    private final NDManager manager;
    private final ActivationStore store;
    private final int layers;
    private final int first;
    private final PassCheckpoints checkpoints;
    private boolean keepsGraphs;
    private final Map<Integer, LayerGraphs> kept = new HashMap<>();
    private final Map<Integer, Positions> positions = new HashMap<>();

    BackwardPass(Model model, MicroBatches tokens, HeadObjective objective, Gradients kind, int sequences,
            GradientVisitor visitor, NDManager manager, ActivationStore store, PassCheckpoints checkpoints) {
        kind.check(tokens, visitor);
        this.model = model;
        this.tokens = tokens;
        this.objective = objective;
        this.kind = kind;
        this.sequences = sequences;
        this.visitor = visitor;
        this.manager = manager;
        this.store = store;
        this.layers = model.config().layers().size();
        this.first = firstReached(visitor, layers);
        this.checkpoints = checkpoints;
    }

    double run() {
        PassPosition at = begin();
        if (!at.backward()) {
            for (int layer = at.layer(); layer < layers; layer++) {
                forward(layer);
                reached(PassPosition.forward(layer + 1));
            }
        }
        try (OuterGradients outer = new OuterGradients(model, tokens, visitor, manager, store)) {
            PassPosition turned = at.backward() ? at : turn(outer);
            for (int layer = turned.layer(); layer >= first; layer--) {
                backward(layer);
                if (layer > first) {
                    reached(PassPosition.backward(layer - 1, turned.value()));
                }
                visitor.layerDone(layer);
            }
            outer.handOut(objective, 1f / sequences);
            return turned.value() / sequences;
        }
    }

    /** Where an earlier pass had stopped, or in front of the first layer. */
    private PassPosition begin() {
        for (int[][] batch : tokens.batches()) {
            positions.computeIfAbsent(batch[0].length, t -> model.positions(manager, 0, t));
        }
        Optional<PassPosition> reached = checkpoints.resume(store, layers);
        if (reached.isPresent()) {
            visitor.resumed(reached.get().passes(layers) * tokens.count());
            return reached.get();
        }
        keepsGraphs = model.isResident() && graphBytes() <= model.spareBytes();
        embed();
        return PassPosition.START;
    }

    private long graphBytes() {
        long all = tokens.tokens();
        return visitor.hooksAdd() ? GraphSize.ofAdapted(model.config(), all) : GraphSize.ofModel(model.config(), all);
    }

    /** Graphs that are kept cannot be written down; such a model is small enough to begin anew. */
    private void reached(PassPosition position) {
        if (!keepsGraphs) {
            checkpoints.reached(position, store);
        }
    }

    private PassPosition turn(OuterGradients outer) {
        double value = model.head().held(() -> head(outer));
        outer.headDone();
        model.trim();
        return PassPosition.backward(layers - 1, value);
    }

    /** The lowest layer that gradients must come down to; {@code layers} if none is wanted. */
    static int firstReached(GradientVisitor visitor, int layers) {
        int layer = 0;
        while (!visitor.wantsOuter() && layer < layers && !visitor.reaches(layer)) {
            layer++;
        }
        return layer;
    }

    private void embed() {
        for (int m = 0; m < tokens.count(); m++) {
            try (NDManager scope = model.newScope()) {
                store.put(0, m, model.embedding().forward(scope, tokens.get(m)));
            }
        }
    }

    private void forward(int layer) {
        if (keepsGraphs && layer >= first) {
            kept.put(layer, forwardKeeping(layer));
            return;
        }
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

    private LayerGraphs forwardKeeping(int layer) {
        LayerGraphs graphs = graphs(layer);
        for (int m = 0; m < tokens.count(); m++) {
            visitor.checkpoint();
            store.put(layer + 1, m, pass(graphs, layer, m));
            store.remove(layer, m);
        }
        return graphs;
    }

    private NDArray block(NDArray x, BlockWeights weights, int layer, int m) {
        return model.decoder().forward(x, weights, positions.get(tokens.get(m)[0].length), visitor.hooks(layer, m));
    }

    /** Returns the sum of the objective over all sequences. */
    private double head(OuterGradients outer) {
        Turn turn = new Turn(model, tokens, objective, kind, sequences, store);
        double value = 0;
        for (int m = 0; m < tokens.count(); m++) {
            int microBatch = m;
            visitor.checkpoint();
            value += turn.at(m, outer.normWeight(), h -> outer.keepHidden(microBatch, h));
        }
        return value;
    }

    private void backward(int layer) {
        LayerGraphs passed = kept.remove(layer);
        try (LayerGraphs graphs = passed == null ? graphs(layer) : passed) {
            for (int m = 0; m < tokens.count(); m++) {
                visitor.checkpoint();
                backward(graphs, layer, m);
                if (kind == Gradients.PER_SEQUENCE && visitor.wants(layer)) {
                    visitor.sequence(layer, m, graphs.weights(), graphs.gradients(m));
                    graphs.forget(m);
                }
            }
            if (kind == Gradients.BATCH && visitor.wants(layer)) {
                model.trim(); // the graphs' room, before the visitor takes some
                visitor.block(layer, graphs.weights(), graphs.gradients(0));
            }
        }
        model.release(layer);
    }

    private void backward(LayerGraphs graphs, int layer, int m) {
        try (NDManager scope = model.newScope()) {
            if (!graphs.has(m)) {
                pass(graphs, layer, m);
            }
            store.put(layer, m, graphs.back(m, store.get(scope, layer + 1, m), scope));
            store.remove(layer + 1, m);
        }
    }

    private LayerGraphs graphs(int layer) {
        return new LayerGraphs(model, manager, layer, kind, visitor.wants(layer));
    }

    private NDArray pass(LayerGraphs graphs, int layer, int m) {
        return graphs.pass(m, positions.get(tokens.get(m)[0].length), visitor.hooks(layer, m), store);
    }
}
