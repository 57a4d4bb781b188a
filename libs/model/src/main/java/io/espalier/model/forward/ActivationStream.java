package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Sequences between two blocks. The caller decides which weights they pass next, so that a block may be measured, changed
 * and passed in its changed form before the next one is looked at.
 */
public final class ActivationStream implements AutoCloseable {
    private final Model model;
    private final MicroBatches tokens;
    private final NDManager manager;
    private final ActivationStore store;
    private final Map<Integer, Positions> positions = new HashMap<>();
    private final PassCheckpoints checkpoints;
    private final int layer;

    ActivationStream(Model model, MicroBatches tokens, long memoryBytes, Path spillFolder,
            PassCheckpoints checkpoints) {
        this.model = model;
        this.tokens = tokens;
        this.manager = model.newScope();
        this.store = new ActivationStore(manager, memoryBytes, spillFolder);
        this.checkpoints = checkpoints;
        for (int m = 0; m < tokens.count(); m++) {
            if (tokens.branches().get(m).isEmpty()) {
                positions.computeIfAbsent(tokens.get(m)[0].length, t -> model.positions(manager, 0, t));
            }
        }
        Optional<PassPosition> reached = checkpoints.resume(store, model.config().layers().size());
        this.layer = reached.orElse(PassPosition.START).layer();
        if (reached.isEmpty()) {
            embed();
        }
    }

    private void embed() {
        for (int m = 0; m < tokens.count(); m++) {
            try (NDManager scope = model.newScope()) {
                store.put(0, m, model.embedding().forward(scope, tokens.get(m)));
            }
        }
    }

    /** In front of which layer the sequences stood at first: 0, or where an earlier stream had come to. */
    public int layer() {
        return layer;
    }

    /** The sequences stand in front of this layer, and nothing of the layer before is still to be done. */
    public void reached(int next) {
        checkpoints.reached(PassPosition.forward(next), store);
    }

    public MicroBatches tokens() {
        return tokens;
    }

    /** Passes the block; what it returns stands in front of the next one. */
    public void advance(BlockWeights weights, IntFunction<BlockHooks> hooks) {
        pass(weights, hooks, true);
    }

    /** Passes the block for its hooks' sake; the sequences stay where they are. */
    public void observe(BlockWeights weights, IntFunction<BlockHooks> hooks) {
        pass(weights, hooks, false);
    }

    /** What stands in front of the next block, [B, T, d]; lives in {@code scope}. */
    public NDArray activation(NDManager scope, int microBatch) {
        return store.get(scope, 0, microBatch);
    }

    /** Behind the last block: how well each next token is predicted, one entry per sequence. */
    public List<TokenScores> scores() {
        return model.head().held(() -> {
            var all = new ArrayList<TokenScores>();
            for (int m = 0; m < tokens.count(); m++) {
                all.addAll(scores(m));
            }
            return all;
        });
    }

    private List<TokenScores> scores(int microBatch) {
        try (NDManager scope = model.newScope()) {
            return model.head().scores(store.get(scope, 0, microBatch), tokens.get(microBatch));
        }
    }

    @Override
    public void close() {
        store.close();
        manager.close();
    }

    /** Masks of branches are as large as activations and soon made: they do not outlive the block. */
    private Positions positions(NDManager scope, int microBatch) {
        List<Branches> branches = tokens.branches().get(microBatch);
        int length = tokens.get(microBatch)[0].length;
        return branches.isEmpty() ? positions.get(length) : model.positions(scope, branches, length);
    }

    private void pass(BlockWeights weights, IntFunction<BlockHooks> hooks, boolean advance) {
        for (int m = 0; m < tokens.count(); m++) {
            try (NDManager scope = model.newScope()) {
                NDArray x = store.get(scope, 0, m);
                NDArray y = model.decoder().forward(x, weights, positions(scope, m), hooks.apply(m));
                if (advance) {
                    store.put(0, m, y);
                }
            }
        }
    }
}
