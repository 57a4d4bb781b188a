package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;

/** Mean next-token cross entropy of a sequence, in nats: {@code -1/(T-1) sum_t log p(x_t | x_<t)}. */
public final class CrossEntropy implements HeadObjective {
    @Override
    public Result apply(Head head, NDArray hidden, int[][] tokens) {
        return weighted(head, hidden, targets(tokens), weights(tokens));
    }

    @Override
    public NDArray weightGradient(Head head, Head.Piece piece, NDArray hidden, int[][] tokens) {
        NDArray flat = hidden.reshape(-1, hidden.getShape().get(2));
        return new SoftmaxHead(head).weightGradient(piece, flat, targets(tokens), weights(tokens));
    }

    /** The last position predicts nothing: its target is any, its weight 0. */
    private static int[] targets(int[][] tokens) {
        int length = tokens[0].length;
        var targets = new int[tokens.length * length];
        for (int b = 0; b < tokens.length; b++) {
            System.arraycopy(tokens[b], 1, targets, b * length, length - 1);
        }
        return targets;
    }

    private static float[] weights(int[][] tokens) {
        int length = tokens[0].length;
        if (length < 2) {
            throw new IllegalArgumentException("a sequence of " + length + " tokens predicts nothing");
        }
        var weights = new float[tokens.length * length];
        for (int b = 0; b < tokens.length; b++) {
            Arrays.fill(weights, b * length, (b + 1) * length - 1, 1f / (length - 1));
        }
        return weights;
    }

    /**
     * Weighted sum of the negative log-likelihoods of given targets, for losses that leave tokens out.
     *
     * @param hidden  [B, T, d]
     * @param targets what each position shall predict, [B * T]
     * @param weights [B * T]
     */
    public static Result weighted(Head head, NDArray hidden, int[] targets, float[] weights) {
        Shape shape = hidden.getShape();
        var parts = new ArrayList<NDArray>();
        NDArray flat = hidden.reshape(targets.length, shape.get(2));
        TokenScores scores = new SoftmaxHead(head).gradient(flat, targets, weights, parts);
        double value = 0;
        for (int i = 0; i < targets.length; i++) {
            value -= weights[i] * scores.logProbability()[i];
        }
        NDArray gradient = parts.size() == 1 ? parts.getFirst() : NDArrays.concat(new NDList(parts));
        return new Result(value, gradient.reshape(shape));
    }
}
