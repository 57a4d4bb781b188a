package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How far next-token distributions are from those of another model on the same tokens: {@code KL(P || Q) = sum_v P log(P /
 * Q)}, P the original's, Q a candidate's, and how often both find the same token the most likely. The vocabulary is taken
 * in pieces of lm_head, each read once for all tokens; with logits p and q, running maxima and sums give
 *
 * <pre>
 * KL = sum_v e^(p_v) (p_v - q_v) / sum_v e^(p_v) - log sum_v e^(p_v) + log sum_v e^(q_v)
 * </pre>
 */
public final class Divergence {
    /** Logits of a piece that are in memory together. */
    private static final long LOGITS = 1 << 23;
    /** Numbers in the pieces of all lm_heads together. */
    private static final long WEIGHTS = 1 << 26;

    private final Source original;
    private final List<Source> candidates;
    private final List<Position[]> sums = new ArrayList<>();
    private int position;

    /** Sequences behind the last block of a model. */
    public record Source(Model model, ActivationStream stream) {
        NDArray normWeight(NDManager scope) {
            return model.head().normWeight(scope);
        }
    }

    /**
     * Over all positions of all sequences.
     *
     * @param kl        sum of the divergences, in nats
     * @param agreed    positions whose most likely token is the same
     * @param positions how many there are
     */
    public record Sum(double kl, long agreed, long positions) {
        public Sum plus(Sum other) {
            return new Sum(kl + other.kl, agreed + other.agreed, positions + other.positions);
        }
    }

    private Divergence(Source original, List<Source> candidates) {
        this.original = original;
        this.candidates = candidates;
        int positions = 0;
        for (int batch = 0; batch < original.stream().tokens().count(); batch++) {
            positions += tokens(batch);
        }
        for (int i = 0; i < candidates.size(); i++) {
            Position[] fresh = new Position[positions];
            Arrays.setAll(fresh, _ -> new Position());
            sums.add(fresh);
        }
    }

    /**
     * Of each candidate, in order. All sources hold the same sequences; they may be of one model or of several with one
     * vocabulary.
     */
    public static List<Sum> of(Source original, List<Source> candidates) {
        int vocabulary = original.model().config().vocabularySize();
        for (Source candidate : candidates) {
            if (candidate.model().config().vocabularySize() != vocabulary) {
                throw new IllegalArgumentException("distributions over " + vocabulary + " and "
                        + candidate.model().config().vocabularySize() + " tokens cannot be compared");
            }
        }
        return new Divergence(original, List.copyOf(candidates)).sum(vocabulary);
    }

    private List<Sum> sum(int vocabulary) {
        List<Model> models = new ArrayList<>(List.of(original.model()));
        candidates.forEach(candidate -> models.add(candidate.model()));
        List<Model> different = models.stream().distinct().toList();
        long rowWidth = different.stream().mapToLong(model -> model.config().hiddenSize()).sum();
        int rows = Math.clamp(WEIGHTS / rowWidth, 1, vocabulary);
        for (int first = 0; first < vocabulary; first += rows) {
            try (NDManager scope = original.model().newScope()) {
                int count = Math.min(rows, vocabulary - first);
                var weights = new ArrayList<NDArray>();
                for (Model model : different) {
                    weights.add(model.head().rows(scope, first, count));
                }
                sweep(new Piece(first, count, different, weights), scope);
            }
        }
        different.forEach(model -> model.head().release());
        return sums.stream().map(Divergence::total).toList();
    }

    private static Sum total(Position[] positions) {
        double kl = 0;
        long agreed = 0;
        for (Position each : positions) {
            kl += each.divergence();
            agreed += each.agrees() ? 1 : 0;
        }
        return new Sum(kl, agreed, positions.length);
    }

    /** Rows of the lm_heads of all models, [count, d] each. */
    private record Piece(int first, int count, List<Model> models, List<NDArray> weights) {
        NDArray of(Model model) {
            return weights.get(models.indexOf(model));
        }
    }

    private void sweep(Piece piece, NDManager scope) {
        NDArray normP = original.normWeight(scope);
        List<NDArray> normQ = candidates.stream().map(candidate -> candidate.normWeight(scope)).toList();
        int tokens = Math.clamp(LOGITS / piece.count(), 1, Integer.MAX_VALUE);
        position = 0;
        for (int batch = 0; batch < original.stream().tokens().count(); batch++) {
            int count = tokens(batch);
            for (int from = 0; from < count; from += tokens) {
                int to = Math.min(count, from + tokens);
                addChunk(piece, normP, normQ, batch, from, to);
                position += to - from;
            }
        }
    }

    private void addChunk(Piece piece, NDArray normP, List<NDArray> normQ, int batch, int from, int to) {
        try (NDManager scope = original.model().newScope()) {
            NDArray p = logits(scope, original, piece, normP, batch, from, to);
            NDArray maxP = p.max(new int[]{1}, true);
            NDArray e = p.sub(maxP).exp();
            double[] maxima = maxP.toDoubleArray();
            double[] sumsP = e.sum(new int[]{1}).toDoubleArray();
            long[] bestP = p.argMax(1).toLongArray();
            for (int i = 0; i < candidates.size(); i++) {
                try (NDManager inner = scope.newSubManager()) {
                    NDArray q = logits(inner, candidates.get(i), piece, normQ.get(i), batch, from, to);
                    NDArray maxQ = q.max(new int[]{1}, true);
                    double[] weighted = q.neg().add(p).mul(e).sum(new int[]{1}).toDoubleArray();
                    double[] maximaQ = maxQ.toDoubleArray();
                    double[] sumsQ = q.sub(maxQ).exp().sum(new int[]{1}).toDoubleArray();
                    long[] bestQ = q.argMax(1).toLongArray();
                    for (int t = 0; t < to - from; t++) {
                        Position at = sums.get(i)[position + t];
                        at.addP(maxima[t], sumsP[t], weighted[t], piece.first() + bestP[t]);
                        at.addQ(maximaQ[t], sumsQ[t], piece.first() + bestQ[t]);
                    }
                }
            }
        }
    }

    /** What is known of one position after some pieces of the vocabulary. */
    private static final class Position {
        private double maxP = Double.NEGATIVE_INFINITY;
        private double sumP;
        private double weighted;
        private long bestP;
        private double maxQ = Double.NEGATIVE_INFINITY;
        private double sumQ;
        private long bestQ;

        /** @param max maximum; @param sum of exponentials below it; @param w sum of {@code e^(p - max) (p - q)} */
        void addP(double max, double sum, double w, long best) {
            double larger = Math.max(maxP, max);
            bestP = max > maxP ? best : bestP;
            sumP = sumP * Math.exp(maxP - larger) + sum * Math.exp(max - larger);
            weighted = weighted * Math.exp(maxP - larger) + w * Math.exp(max - larger);
            maxP = larger;
        }

        void addQ(double max, double sum, long best) {
            double larger = Math.max(maxQ, max);
            bestQ = max > maxQ ? best : bestQ;
            sumQ = sumQ * Math.exp(maxQ - larger) + sum * Math.exp(max - larger);
            maxQ = larger;
        }

        double divergence() {
            return weighted / sumP - (maxP + Math.log(sumP)) + (maxQ + Math.log(sumQ));
        }

        boolean agrees() {
            return bestP == bestQ;
        }
    }

    /** [to - from, rows], fp64 */
    private static NDArray logits(NDManager scope, Source source, Piece piece, NDArray normWeight, int batch, int from,
            int to) {
        NDArray x = source.stream().activation(scope, batch);
        long width = x.getShape().get(2);
        NDArray chunk = x.reshape(-1, width).get(new NDIndex("{}:{}", from, to));
        NDArray normed = source.model().head().normed(chunk, normWeight);
        return source.model().head().product(normed, piece.of(source.model())).toType(DataType.FLOAT64, false);
    }

    private int tokens(int batch) {
        int[][] sequences = original.stream().tokens().get(batch);
        return sequences.length * sequences[0].length;
    }
}
