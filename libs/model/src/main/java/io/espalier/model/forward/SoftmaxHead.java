package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Softmax over the vocabulary for given targets, with {@code z = h W^T} in pieces of tokens and of vocabulary:
 * {@code log p = z_target - logsumexp(z)}, {@code dL/dh = sum_v (p_v - [v = target]) W_v}, each term times
 * {@link Head#slope} where logits are capped.
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
            tokens.readLogits();
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
            tokens.readLogits();
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

    /** One piece of tokens; all its logits are in memory. */
    private final class Tokens {
        private final NDManager scope;
        private final NDArray h; // (n, d)
        private final int[] targets;
        private final List<NDArray> logits = new ArrayList<>(); // (n, rows of the vocabulary piece)
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

        void readLogits() {
            head.forEachPiece(scope, piece -> {
                NDArray z = head.product(h, piece.weight());
                logits.add(z);
                NDArray pieceMax = z.max(new int[]{1}, true); // (n, 1)
                float[] sums = z.sub(pieceMax).exp().sum(new int[]{1}).toFloatArray();
                float[] maxima = pieceMax.toFloatArray();
                float[] at = z.gather(localTargets(piece).expandDims(1), 1).toFloatArray();
                for (int i = 0; i < targets.length; i++) {
                    double m = Math.max(max[i], maxima[i]);
                    sumExp[i] = sumExp[i] * Math.exp(max[i] - m) + sums[i] * Math.exp(maxima[i] - m);
                    max[i] = m;
                    if (isIn(piece, targets[i])) {
                        target[i] = at[i];
                    }
                }
            });
        }

        private float[] sumExp(NDArray z, NDArray pieceMax) {
            try (NDArray shifted = z.sub(pieceMax); NDArray exp = shifted.exp()) {
                return exp.sum(new int[]{1}).toFloatArray();
            }
        }

        void writeScores(double[] logProbability, boolean[] greedy, int offset) {
            for (int i = 0; i < targets.length; i++) {
                logProbability[offset + i] = target[i] - max[i] - Math.log(sumExp[i]);
                greedy[offset + i] = target[i] == max[i];
            }
        }

        /** [n, d] */
        NDArray gradient(float[] weights) {
            NDArray lse = logSumExp();
            NDArray weight = scope.create(weights, new Shape(targets.length, 1));
            NDArray sum = scope.zeros(h.getShape());
            var next = logits.iterator();
            head.forEachPiece(scope, piece -> {
                try (NDArray z = next.next()) { // (n, rows)
                    NDArray slope = head.slope(z);
                    NDArray p = sloped(z.subi(lse).exp().muli(weight), slope);
                    sum.addi(p.matMul(piece.weight()));
                    p.close();
                }
                sum.subi(rowsOf(piece).mul(weightHere(piece, weights)));
            });
            return sum;
        }

        /** [rows, d] */
        NDArray weightGradient(Head.Piece piece, float[] weights) {
            NDArray weight = scope.create(weights, new Shape(targets.length, 1));
            NDArray z = head.product(h, piece.weight());
            NDArray p = sloped(z.sub(logSumExp()).exp().mul(weight), head.slope(z)); // (n, rows)
            NDArray hit = JniUtils.oneHot((PtNDArray) localTargets(piece), piece.rows(), DataType.FLOAT32);
            return p.sub(hit.mul(weightHere(piece, weights))).transpose().matMul(h);
        }

        private NDArray logSumExp() {
            var values = new float[targets.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (max[i] + Math.log(sumExp[i]));
            }
            return scope.create(values, new Shape(values.length, 1));
        }

        private NDArray rowsOf(Head.Piece piece) {
            return JniUtils.embedding((PtNDArray) localTargets(piece), (PtNDArray) piece.weight(), false); // (n, d)
        }

        private static NDArray sloped(NDArray gradient, NDArray slope) {
            if (slope == null) {
                return gradient;
            }
            gradient.muli(slope);
            slope.close();
            return gradient;
        }

        /** Times the slope of the target's logit, [n, 1]; 0 for tokens whose target lies outside the piece. */
        private NDArray weightHere(Head.Piece piece, float[] weights) {
            var here = new float[weights.length];
            for (int i = 0; i < here.length; i++) {
                if (isIn(piece, targets[i])) {
                    here[i] = (float) (weights[i] * head.slope(target[i]));
                }
            }
            return scope.create(here, new Shape(here.length, 1));
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
