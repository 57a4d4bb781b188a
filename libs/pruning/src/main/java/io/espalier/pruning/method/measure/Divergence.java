package io.espalier.pruning.method.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.Head;
import io.espalier.model.forward.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code KL(P || Q) = sum_v P log(P / Q)} of the next-token distributions, mean over all positions, P the original's, Q a
 * candidate's. The vocabulary is taken in the pieces in which lm_head is read, each read once for all candidates; with
 * logits p and q, running maxima and sums give
 *
 * <pre>
 * KL = sum_v e^(p_v) (p_v - q_v) / sum_v e^(p_v) - log sum_v e^(p_v) + log sum_v e^(q_v)
 * </pre>
 */
final class Divergence {
    /** Logits of a piece that are in memory together. */
    private static final long LOGITS = 1 << 23;

    private final Model model;
    private final ActivationStream original;
    private final List<ActivationStream> candidates;
    private final List<Position[]> sums = new ArrayList<>();
    private int position;

    Divergence(Model model, ActivationStream original, List<ActivationStream> candidates) {
        this.model = model;
        this.original = original;
        this.candidates = candidates;
        int positions = 0;
        for (int batch = 0; batch < original.tokens().count(); batch++) {
            positions += original.tokens().get(batch).length * original.tokens().get(batch)[0].length;
        }
        for (int i = 0; i < candidates.size(); i++) {
            Position[] fresh = new Position[positions];
            Arrays.setAll(fresh, _ -> new Position());
            sums.add(fresh);
        }
    }

    /** What is known of one position after some pieces of the vocabulary. */
    private static final class Position {
        private double maxP = Double.NEGATIVE_INFINITY;
        private double sumP;
        private double weighted;
        private double maxQ = Double.NEGATIVE_INFINITY;
        private double sumQ;

        /** @param p maximum, sum of exponentials below it; @param w sum of {@code e^(p - max) (p - q)} */
        void add(double p, double sumOfP, double w, double q, double sumOfQ) {
            double max = Math.max(maxP, p);
            sumP = sumP * Math.exp(maxP - max) + sumOfP * Math.exp(p - max);
            weighted = weighted * Math.exp(maxP - max) + w * Math.exp(p - max);
            maxP = max;
            max = Math.max(maxQ, q);
            sumQ = sumQ * Math.exp(maxQ - max) + sumOfQ * Math.exp(q - max);
            maxQ = max;
        }

        double divergence() {
            return weighted / sumP - (maxP + Math.log(sumP)) + (maxQ + Math.log(sumQ));
        }
    }

    double[] perToken() {
        try (NDManager scope = model.newScope()) {
            NDArray normWeight = model.head().normWeight(scope);
            model.head().forEachPiece(scope, piece -> sweep(piece, normWeight));
        }
        return sums.stream().mapToDouble(
                positions -> Arrays.stream(positions).mapToDouble(Position::divergence).average().orElseThrow())
                .toArray();
    }

    private void sweep(Head.Piece piece, NDArray normWeight) {
        long rows = piece.weight().getShape().get(0);
        int tokens = Math.clamp(LOGITS / rows, 1, Integer.MAX_VALUE);
        position = 0;
        for (int batch = 0; batch < original.tokens().count(); batch++) {
            int count = original.tokens().get(batch).length * original.tokens().get(batch)[0].length;
            for (int from = 0; from < count; from += tokens) {
                int to = Math.min(count, from + tokens);
                addChunk(piece, normWeight, batch, from, to);
                position += to - from;
            }
        }
    }

    private void addChunk(Head.Piece piece, NDArray normWeight, int batch, int from, int to) {
        try (NDManager scope = model.newScope()) {
            NDArray p = logits(scope, original, piece, normWeight, batch, from, to);
            NDArray maxP = p.max(new int[]{1}, true);
            NDArray e = p.sub(maxP).exp();
            double[] maxima = numbers(maxP);
            double[] sumsP = numbers(e.sum(new int[]{1}));
            for (int i = 0; i < candidates.size(); i++) {
                try (NDManager inner = scope.newSubManager()) {
                    NDArray q = logits(inner, candidates.get(i), piece, normWeight, batch, from, to);
                    NDArray maxQ = q.max(new int[]{1}, true);
                    double[] weighted = numbers(q.neg().add(p).mul(e).sum(new int[]{1}));
                    double[] maximaQ = numbers(maxQ);
                    double[] sumsQ = numbers(q.sub(maxQ).exp().sum(new int[]{1}));
                    for (int t = 0; t < to - from; t++) {
                        sums.get(i)[position + t].add(maxima[t], sumsP[t], weighted[t], maximaQ[t], sumsQ[t]);
                    }
                }
            }
        }
    }

    /** [to - from, rows], fp64 */
    private NDArray logits(NDManager scope, ActivationStream stream, Head.Piece piece, NDArray normWeight, int batch,
            int from, int to) {
        NDArray x = stream.activation(scope, batch);
        long width = x.getShape().get(2);
        NDArray chunk = x.reshape(-1, width).get(new NDIndex("{}:{}", from, to));
        NDArray normed = model.head().normed(chunk, normWeight);
        return model.head().product(normed, piece.weight()).toType(DataType.FLOAT64, false);
    }

    private static double[] numbers(NDArray array) {
        return array.toDoubleArray();
    }
}
