package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.engine.Products;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Softmax over the vocabulary for given targets, with {@code z = h W^T} in pieces of tokens and of vocabulary:
 * {@code log p = z_target - logsumexp(z)}, {@code dL/dh = sum_v (p_v - [v = target]) W_v}.
 */
final class SoftmaxHead {
    private final Head head;

    SoftmaxHead(Head head) {
        this.head = head;
    }

    /** @param h [n, d] behind the final norm */
    TokenScores scores(NDArray h, int[] targets) {
        return run(h, targets, null, null);
    }

    /** {@code sum_t weight_t (p_t - onehot_t)^T h_t}: gradient of the weighted sum for a piece of lm_head, [rows, d]. */
    NDArray weightGradient(Head.Piece piece, NDArray h, int[] targets, float[] weights) {
        NDArray sum = h.getManager().zeros(piece.weight().getShape());
        forEachPart(h, targets, (tokens, from, to) -> {
            tokens.readLogits(true);
            sum.addi(tokens.weightGradient(piece, Arrays.copyOfRange(weights, from, to)));
        });
        return sum;
    }

    /**
     * Negative log-likelihoods and the gradient of their weighted sum.
     *
     * @param weights  of each token in the sum, [n]
     * @param gradient receives the result, [n, d]
     */
    TokenScores gradient(NDArray h, int[] targets, float[] weights, List<NDArray> gradient) {
        return run(h, targets, weights, gradient);
    }

    private TokenScores run(NDArray h, int[] targets, float[] weights, List<NDArray> gradient) {
        var logProbability = new double[targets.length];
        var greedy = new boolean[targets.length];
        forEachPart(h, targets, (tokens, from, to) -> {
            tokens.readLogits(weights != null);
            tokens.writeScores(logProbability, greedy, from);
            if (weights != null) {
                NDArray part = tokens.gradient(Arrays.copyOfRange(weights, from, to));
                part.attach(h.getManager());
                gradient.add(part);
            }
        });
        return new TokenScores(logProbability, greedy);
    }

    private interface PartUse {
        void accept(Tokens tokens, int from, int to);
    }

    private void forEachPart(NDArray h, int[] targets, PartUse use) {
        int step = head.tokensPerPiece();
        for (int from = 0; from < targets.length; from += step) {
            int to = Math.min(targets.length, from + step);
            try (NDManager scope = h.getManager().newSubManager()) {
                NDArray rows = Positions.slice(h, 0, from, to).stopGradient();
                rows.attach(scope);
                use.accept(new Tokens(scope, rows, Arrays.copyOfRange(targets, from, to)), from, to);
            }
        }
    }

    /**
     * The softmax of a piece of the vocabulary alone.
     *
     * @param values its logarithms, (n, rows)
     * @param own    logarithm of the sum of the exponentials of the piece's logits, per token
     * @param slope  of the logits, (n, rows); null where it is 1
     */
    private record Logs(int firstRow, NDArray values, double[] own, NDArray slope) {}

    /** One piece of tokens; all its logits are in memory. */
    private final class Tokens {
        private final NDManager scope;
        private final NDArray h; // (n, d)
        private final int[] targets;
        private final List<Logs> pieces = new ArrayList<>();
        private final double[] max;
        private final double[] sumExp;
        private final double[] target;

        Tokens(NDManager scope, NDArray h, int[] targets) {
            this.scope = scope;
            this.h = h;
            this.targets = targets;
            this.max = new double[targets.length];
            this.sumExp = new double[targets.length];
            this.target = new double[targets.length];
            Arrays.fill(max, Double.NEGATIVE_INFINITY);
        }

        /**
         * Each piece as the logarithms of its own softmax: one pass of the engine over the logits.
         *
         * @param back whether gradients shall be taken
         */
        void readLogits(boolean back) {
            head.forEachPiece(scope, piece -> {
                try (NDArray z = head.product(h, piece.weight()); NDArray best = z.argMax(1).expandDims(1)) {
                    NDArray logs = JniUtils.logSoftmax((PtNDArray) z, 1, DataType.FLOAT32);
                    float[] maxima = z.gather(best, 1).toFloatArray();
                    float[] logsOfMaxima = logs.gather(best, 1).toFloatArray();
                    float[] at = z.gather(localTargets(piece).expandDims(1), 1).toFloatArray();
                    var own = new double[targets.length]; // log of the sum of the piece's exponentials
                    for (int i = 0; i < targets.length; i++) {
                        own[i] = (double) maxima[i] - logsOfMaxima[i];
                        double m = Math.max(max[i], maxima[i]);
                        sumExp[i] = sumExp[i] * Math.exp(max[i] - m) + Math.exp(own[i] - m);
                        max[i] = m;
                        if (isIn(piece, targets[i])) {
                            target[i] = at[i];
                        }
                    }
                    pieces.add(new Logs(piece.firstRow(), logs, own, back ? head.slope(z) : null));
                }
            });
        }

        void writeScores(double[] logProbability, boolean[] greedy, int offset) {
            for (int i = 0; i < targets.length; i++) {
                logProbability[offset + i] = target[i] - max[i] - Math.log(sumExp[i]);
                greedy[offset + i] = target[i] == max[i];
            }
        }

        /** [n, d] */
        NDArray gradient(float[] weights) {
            NDArray sum = scope.zeros(h.getShape());
            var next = pieces.iterator();
            head.forEachPiece(scope, piece -> {
                try (NDArray p = probabilities(next.next(), weights)) {
                    sum.addi(Products.product(p, piece.weight()));
                }
                sum.subi(rowsOf(piece).mul(weightHere(piece, weights)));
            });
            return sum;
        }

        /** [rows, d] */
        NDArray weightGradient(Head.Piece piece, float[] weights) {
            Logs logs = pieces.stream().filter(p -> p.firstRow() == piece.firstRow()).findFirst().orElseThrow();
            NDArray hit = JniUtils.oneHot((PtNDArray) localTargets(piece), piece.rows(), DataType.FLOAT32);
            NDArray change = probabilities(logs, weights).sub(hit.mul(weightHere(piece, weights))); // (n, rows)
            return Products.product(change.transpose(), h);
        }

        /** Of each token over a piece of the vocabulary, times the token's weight and the logits' slope; (n, rows). */
        private NDArray probabilities(Logs logs, float[] weights) {
            try (NDArray own = logs.values(); NDArray slope = logs.slope()) {
                NDArray all = pieces.size() == 1 ? own : own.addi(column(shift(logs)));
                NDArray weighted = all.exp().muli(column(weights));
                return slope == null ? weighted : weighted.muli(slope);
            }
        }

        /** From the softmax of a piece to that of the whole vocabulary. */
        private float[] shift(Logs logs) {
            var shift = new float[targets.length];
            for (int i = 0; i < shift.length; i++) {
                shift[i] = (float) (logs.own()[i] - max[i] - Math.log(sumExp[i]));
            }
            return shift;
        }

        private NDArray column(float[] values) {
            return scope.create(values, new Shape(values.length, 1));
        }

        private NDArray rowsOf(Head.Piece piece) {
            return JniUtils.embedding((PtNDArray) localTargets(piece), (PtNDArray) piece.weight(), false); // (n, d)
        }

        /** Times the slope of the target's logit, [n, 1]; 0 for tokens whose target lies outside the piece. */
        private NDArray weightHere(Head.Piece piece, float[] weights) {
            var here = new float[weights.length];
            for (int i = 0; i < here.length; i++) {
                if (isIn(piece, targets[i])) {
                    here[i] = (float) (weights[i] * head.slope(target[i]));
                }
            }
            return column(here);
        }

        /** Row in the piece; 0 for targets outside it. */
        private NDArray localTargets(Head.Piece piece) {
            return scope.create(
                    Arrays.stream(targets).mapToLong(t -> isIn(piece, t) ? t - piece.firstRow() : 0).toArray());
        }

        private boolean isIn(Head.Piece piece, int token) {
            return token >= piece.firstRow() && token < piece.firstRow() + piece.rows();
        }
    }
}
