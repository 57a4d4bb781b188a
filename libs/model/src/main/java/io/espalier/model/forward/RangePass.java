package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.forward.RangeNeighbours.Crossing;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A range of layers' part of one backward pass over all micro-batches (docs/decisions/0016). Unlike
 * {@link BackwardPass} it takes a micro-batch through all its layers before the next, so that the ranges of a model work on
 * different micro-batches at the same time; its weights and their gradients stay in memory meanwhile.
 *
 * <p>Going back comes first: a micro-batch whose gradient has arrived gives room, and the neighbour waits for it. Both ways
 * are gone in the order of the micro-batches, by the operations of the ordinary pass, and so weights collect the same
 * gradients to the last bit.
 */
final class RangePass {
    private final Model model;
    private final PipelineRange range;
    private final MicroBatches tokens;
    private final Gradients kind;
    private final GradientVisitor visitor;
    private final NDManager manager;
    private final ActivationStore store;
    private final Turn turn;
    private final int layers;
    private final int first;
    private final int lowest;
    private final NDArray normWeight;
    private final Map<Integer, LayerGraphs> blocks = new HashMap<>();
    private final Map<Integer, Positions> positions = new HashMap<>();
    private final Map<Integer, Long> kept = new HashMap<>();
    private long keptBytes;
    private int forward;
    private int backward;

    /** @param manager of all that lives as long as the pass */
    RangePass(Model model, PipelineRange range, MicroBatches tokens, HeadObjective objective, Gradients kind,
            int sequences, GradientVisitor visitor, NDManager manager, ActivationStore store) {
        kind.check(tokens, visitor);
        if (visitor.wantsOuter()) {
            throw new IllegalArgumentException("embedding and head belong to no range of layers");
        }
        this.model = model;
        this.range = range;
        this.tokens = tokens;
        this.kind = kind;
        this.visitor = visitor;
        this.manager = manager;
        this.store = store;
        this.turn = new Turn(model, tokens, objective, kind, sequences, store);
        this.layers = model.config().layers().size();
        this.first = BackwardPass.firstReached(visitor, layers);
        this.lowest = Math.max(range.from(), first);
        this.normWeight = range.to() == layers ? model.head().normWeight(manager) : null;
        this.backward = goesBack() ? 0 : tokens.count();
    }

    /** @return false if it has waited for its neighbours in vain: what the visitor has been given is not all then */
    boolean run() throws InterruptedException {
        return range.to() < layers ? passAll() : model.head().held(this::passAll);
    }

    private boolean passAll() throws InterruptedException {
        while (forward < tokens.count() || backward < tokens.count()) {
            if (!goBack() && !goForward()) {
                visitor.idle();
                if (!range.neighbours().await()) {
                    leaveForOthers();
                    return false;
                }
            }
        }
        for (int layer = range.to() - 1; layer >= range.from(); layer--) {
            done(layer);
        }
        return true;
    }

    /** Nobody is there to go on now, but who comes later finds what this range can do by itself. */
    private void leaveForOthers() throws InterruptedException {
        boolean went = range.to() < layers;
        while (went) {
            went = goForward(false);
        }
    }

    /** Whether gradients come down to this range at all. */
    private boolean goesBack() {
        return first < range.to();
    }

    private boolean goForward() throws InterruptedException {
        return (!goesBack() || forward - backward < range.inFlight()) && goForward(goesBack());
    }

    /** @return false if there is nothing to go forward with */
    private boolean goForward(boolean willGoBack) throws InterruptedException {
        int m = forward;
        if (m == tokens.count()) {
            return false;
        }
        try (NDManager scope = model.newScope()) {
            Optional<NDArray> input = range.from() == 0
                    ? Optional.of(model.embedding().forward(scope, tokens.get(m)))
                    : range.neighbours().find(scope, new Crossing(false, range.from(), m));
            if (input.isEmpty()) {
                return false;
            }
            store.put(range.from(), m, input.get());
        }
        pass(range.from(), m, willGoBack && keepsGraphs(m));
        if (range.to() < layers) {
            handOn(new Crossing(false, range.to(), m));
        } else if (willGoBack) {
            turn.at(m, normWeight, _ -> {});
        } else {
            store.remove(layers, m);
        }
        forward++;
        return true;
    }

    private boolean goBack() throws InterruptedException {
        int m = backward;
        if (m == forward || m == tokens.count()) {
            return false;
        }
        if (range.to() < layers) {
            try (NDManager scope = model.newScope()) {
                Optional<NDArray> gradient = range.neighbours().find(scope, new Crossing(true, range.to(), m));
                if (gradient.isEmpty()) {
                    return false;
                }
                store.put(range.to(), m, gradient.get());
            }
        }
        Long bytes = kept.remove(m);
        if (bytes == null) {
            passAgain(m);
        } else {
            keptBytes -= bytes;
        }
        for (int layer = range.to() - 1; layer >= lowest; layer--) {
            visitor.checkpoint();
            back(layer, m);
        }
        if (first < range.from()) {
            handOn(new Crossing(true, range.from(), m));
        } else {
            store.remove(lowest, m);
        }
        backward++;
        return true;
    }

    /** From the input that was kept on the way forward; the gradient at the end of the range stays. */
    private void passAgain(int m) {
        try (NDArray upstream = store.get(manager, range.to(), m)) {
            pass(lowest, m, true);
            store.put(range.to(), m, upstream);
        }
    }

    /** To the end of the range; without graphs the input of the lowest layer that gradients reach stays in the store. */
    private void pass(int from, int m, boolean keep) {
        for (int layer = from; layer < range.to(); layer++) {
            visitor.checkpoint();
            if (keep && layer >= first) {
                store.put(layer + 1, m, block(layer).pass(m, positions(m), visitor.hooks(layer, m), store));
            } else {
                plain(layer, m);
            }
            if (keep || layer != lowest) {
                store.remove(layer, m);
            }
        }
    }

    private void plain(int layer, int m) {
        try (NDManager scope = model.newScope()) {
            store.put(layer + 1, m, model.decoder().forward(store.get(scope, layer, m), block(layer).weights(),
                    positions(m), visitor.hooks(layer, m)));
        }
    }

    private void back(int layer, int m) {
        LayerGraphs graphs = block(layer);
        try (NDManager scope = model.newScope()) {
            store.put(layer, m, graphs.back(m, store.get(scope, layer + 1, m), scope));
            store.remove(layer + 1, m);
        }
        if (kind == Gradients.PER_SEQUENCE && visitor.wants(layer)) {
            visitor.sequence(layer, m, graphs.weights(), graphs.gradients(m));
            graphs.forget(m);
        }
    }

    /** Where there is no room, the way forward is gone again before the way back. */
    private boolean keepsGraphs(int m) {
        long bytes = GraphSize.ofRange(model.config(), range.from(), range.to(), tokens.tokens(m));
        boolean keep = range.to() == layers || keptBytes + bytes <= range.graphBytes(); // the last one turns at once
        if (keep) {
            kept.put(m, bytes);
            keptBytes += bytes;
        }
        return keep;
    }

    private void handOn(Crossing crossing) throws InterruptedException {
        try (NDManager scope = model.newScope()) {
            range.neighbours().handOn(crossing, store.get(scope, crossing.layer(), crossing.microBatch()));
        }
        store.remove(crossing.layer(), crossing.microBatch());
    }

    /** Every micro-batch has gone back through the layer. */
    private void done(int layer) {
        try (LayerGraphs graphs = blocks.remove(layer)) {
            if (kind == Gradients.BATCH && layer >= first && visitor.wants(layer)) {
                visitor.block(layer, graphs.weights(), graphs.gradients(0));
            }
        }
        model.release(layer);
        visitor.layerDone(layer);
    }

    /** Loaded when first needed. */
    private LayerGraphs block(int layer) {
        return blocks.computeIfAbsent(layer, l -> new LayerGraphs(model, manager, l, kind, visitor.wants(l)));
    }

    private Positions positions(int m) {
        return positions.computeIfAbsent(tokens.get(m)[0].length, length -> model.positions(manager, 0, length));
    }
}
