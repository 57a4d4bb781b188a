package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Torch;
import java.util.HashMap;
import java.util.Map;

/**
 * Gradients of what lies around the blocks: final norm, lm_head and embedding. The two matrices go out in pieces of rows; a
 * tied one once, with both its gradients added. What they are made from waits in the slots of the store behind those of
 * the layers.
 */
final class OuterGradients implements AutoCloseable {
    private final Model model;
    private final MicroBatches tokens;
    private final GradientVisitor visitor;
    private final boolean wanted;
    private final NDManager manager;
    private final NDArray normWeight;
    private final ActivationStore store;
    private final int hiddenSlot;

    OuterGradients(Model model, MicroBatches tokens, GradientVisitor visitor, NDManager parent,
            ActivationStore store) {
        this.model = model;
        this.tokens = tokens;
        this.visitor = visitor;
        this.wanted = visitor.wantsOuter();
        this.manager = parent.newSubManager();
        this.store = store;
        this.hiddenSlot = model.config().layers().size() + 1;
        this.normWeight = model.head().normWeight(manager);
        normWeight.setRequiresGradient(wanted);
    }

    /** A leaf that collects its gradient where that is wanted. */
    NDArray normWeight() {
        return normWeight;
    }

    /** Keeps what the final norm returned. */
    void keepHidden(int microBatch, NDArray h) {
        if (wanted) {
            store.put(hiddenSlot, microBatch, h);
        }
    }

    /** All micro-batches have passed the head: the norm's weight has collected its gradient. */
    void headDone() {
        if (wanted) {
            store.put(normSlot(), 0, normWeight.getGradient());
        }
    }

    private int normSlot() {
        return hiddenSlot + 1;
    }

    /** At the end of the pass, when slot 0 holds the gradient with respect to the embedded tokens. */
    void handOut(HeadObjective objective, float scale) {
        if (!wanted) {
            return;
        }
        try (NDManager scope = manager.newSubManager()) {
            visitor.outer(Role.FINAL_NORM, 0, normWeight.stopGradient(), store.get(scope, normSlot(), 0));
        }
        Map<Integer, float[]> embedded = embeddingRows();
        boolean tied = model.config().tiedEmbeddings();
        model.head().forEachPiece(manager, piece -> {
            try (NDManager scope = manager.newSubManager()) {
                NDArray gradient = scope.zeros(piece.weight().getShape());
                for (int m = 0; m < tokens.count(); m++) {
                    gradient.addi(objective.weightGradient(model.head(), piece, store.get(scope, hiddenSlot, m),
                            tokens.get(m)));
                }
                gradient.muli(scale);
                if (tied) {
                    gradient.addi(dense(scope, embedded, piece.firstRow(), piece.rows()));
                }
                visitor.outer(tied ? Role.EMBEDDING : Role.HEAD, piece.firstRow(), piece.weight(), gradient);
            }
        });
        if (!tied) {
            model.embedding().forEachPiece(manager, piece -> {
                try (NDManager scope = manager.newSubManager()) {
                    visitor.outer(Role.EMBEDDING, piece.firstRow(), piece.weight(),
                            dense(scope, embedded, piece.firstRow(), piece.rows()));
                }
            });
        }
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Gradient of every token's embedding that occurs, [d] each. */
    private Map<Integer, float[]> embeddingRows() {
        int d = model.config().hiddenSize();
        var rows = new HashMap<Integer, float[]>();
        for (int m = 0; m < tokens.count(); m++) {
            try (NDManager scope = manager.newSubManager()) {
                float[] gradient = model.embedding().backward(store.get(scope, 0, m)).toFloatArray();
                int at = 0;
                for (int[] sequence : tokens.get(m)) {
                    for (int token : sequence) {
                        float[] row = rows.computeIfAbsent(token, t -> new float[d]);
                        for (int i = 0; i < d; i++) {
                            row[i] += gradient[at++];
                        }
                    }
                }
            }
        }
        return rows;
    }

    private NDArray dense(NDManager scope, Map<Integer, float[]> rows, int firstRow, int count) {
        int d = model.config().hiddenSize();
        var values = new float[count * d];
        rows.forEach((token, row) -> {
            if (token >= firstRow && token < firstRow + count) {
                System.arraycopy(row, 0, values, (token - firstRow) * d, d);
            }
        });
        return Torch.ofFloats(scope, values, new Shape(count, d));
    }
}
