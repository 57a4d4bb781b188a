package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
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
        int step = head.tokensPerPiece();
        for (int from = 0; from < targets.length; from += step) {
            int to = Math.min(targets.length, from + step);
            NDManager parent = h.getManager();
            try (NDManager scope = parent.newSubManager()) {
                NDArray rows = Positions.slice(h, 0, from, to).stopGradient();
                rows.attach(scope);
                Tokens tokens = new Tokens(scope, rows, Arrays.copyOfRange(targets, from, to));
                tokens.readLogits();
                tokens.writeScores(logProbability, greedy, from);
                if (weights != null) {
                    NDArray part = tokens.gradient(Arrays.copyOfRange(weights, from, to));
                    part.attach(parent);
                    gradient.add(part);
                }
            }
        }
        return new TokenScores(logProbability, greedy);
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
                NDArray z = Head.product(h, piece.weight());
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

        void writeScores(double[] logProbability, boolean[] greedy, int offset) {
            for (int i = 0; i < targets.length; i++) {
                logProbability[offset + i] = target[i] - max[i] - Math.log(sumExp[i]);
                greedy[offset + i] = target[i] == max[i];
            }
        }

        /** [n, d] */
        NDArray gradient(float[] weights) {
            int n = targets.length;
            var logSumExp = new float[n];
            for (int i = 0; i < n; i++) {
                logSumExp[i] = (float) (max[i] + Math.log(sumExp[i]));
            }
            NDArray lse = scope.create(logSumExp, new Shape(n, 1));
            NDArray weight = scope.create(weights, new Shape(n, 1));
            NDArray sum = scope.zeros(h.getShape());
            var next = logits.iterator();
            head.forEachPiece(scope, piece -> {
                NDArray p = next.next().sub(lse).exp().mul(weight); // (n, rows)
                sum.addi(p.matMul(piece.weight()));
                NDArray here = scope.create(inPiece(piece, weights), new Shape(n, 1));
                sum.subi(rowsOf(piece).mul(here));
                p.close();
            });
            return sum;
        }

        private NDArray rowsOf(Head.Piece piece) {
            return JniUtils.embedding((PtNDArray) localTargets(piece), (PtNDArray) piece.weight(), false); // (n, d)
        }

        private float[] inPiece(Head.Piece piece, float[] weights) {
            var here = weights.clone();
            for (int i = 0; i < here.length; i++) {
                if (!isIn(piece, targets[i])) {
                    here[i] = 0;
                }
            }
            return here;
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
