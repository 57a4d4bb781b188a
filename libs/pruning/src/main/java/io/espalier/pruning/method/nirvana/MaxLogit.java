package io.espalier.pruning.method.nirvana;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.forward.Head;
import io.espalier.model.forward.HeadObjective;

/**
 * NIRVANA's scalar output (arXiv:2509.14230, from the released code), one sequence's share of it:
 * {@code f = 1/V sum over v of (max over t of logits[t, v])}. No label enters. Its gradient adds row v of lm_head, over
 * V, to the position at which v has its maximum (the first of equals), times the slope of a capped logit. Pieces of the vocabulary are independent.
 */
final class MaxLogit implements HeadObjective {
    private final int vocabulary;

    MaxLogit(int vocabulary) {
        this.vocabulary = vocabulary;
    }

    @Override
    public Result apply(Head head, NDArray hidden, int[][] tokens) {
        Shape shape = hidden.getShape(); // (B, T, d)
        NDManager manager = hidden.getManager();
        NDArray gradient = manager.zeros(shape, DataType.FLOAT32);
        double[] value = {0};
        head.forEachPiece(manager, piece -> {
            for (long b = 0; b < shape.get(0); b++) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray h = hidden.get(b);
                    h.attach(scope);
                    value[0] += addPiece(head, h, piece.weight(), gradient.get(b));
                }
            }
        });
        return new Result(value[0] / vocabulary, gradient.div(vocabulary));
    }

    /** @param gradient view of the sum, [T, d] */
    private static double addPiece(Head head, NDArray h, NDArray weight, NDArray gradient) {
        NDArray logits = head.product(h, weight); // (T, rows)
        NDArray at = logits.argMax(0); // (rows)
        int length = Math.toIntExact(h.getShape().get(0));
        at.attach(h.getManager());
        NDArray where = at.oneHot(length, DataType.FLOAT32).transpose(); // (T, rows)
        NDArray slope = head.slope(logits);
        gradient.addi((slope == null ? where : where.mul(slope)).matMul(weight));
        gradient.close();
        return logits.max(new int[]{0}).toType(DataType.FLOAT64, false).sum().getDouble();
    }
}
