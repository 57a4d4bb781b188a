package io.espalier.pruning.recovery.data;

import java.util.Arrays;
import java.util.List;

/**
 * Sequences that go through the model together, padded at the end. Attention is causal, so no counted token sees the
 * padding, and positions need no shift; weights over the predictions are all that padding takes.
 *
 * @param tokens [B][T], 0 where padded
 * @param counts [B][T], whether the prediction made at this place counts; it is about the next token, so the last of a
 *               row never does
 */
public record MicroBatch(int[][] tokens, boolean[][] counts) {
    /** Pads to the longest of the examples. */
    public static MicroBatch of(List<Example> examples) {
        int length = examples.stream().mapToInt(Example::length).max().orElseThrow();
        var tokens = new int[examples.size()][];
        var counts = new boolean[examples.size()][length];
        for (int row = 0; row < tokens.length; row++) {
            Example example = examples.get(row);
            tokens[row] = Arrays.copyOf(example.tokens(), length);
            int end = example.length() - 1;
            Arrays.fill(counts[row], end - example.counted(), end, true);
        }
        return new MicroBatch(tokens, counts);
    }

    public int rows() {
        return tokens.length;
    }

    public int length() {
        return tokens[0].length;
    }

    /** Predictions that count. */
    public int counted() {
        int counted = 0;
        for (boolean[] row : counts) {
            for (boolean counts : row) {
                counted += counts ? 1 : 0;
            }
        }
        return counted;
    }

    /** What each place shall predict, row after row, [B * T]. */
    public int[] targets() {
        var targets = new int[rows() * length()];
        for (int row = 0; row < rows(); row++) {
            System.arraycopy(tokens[row], 1, targets, row * length(), length() - 1);
        }
        return targets;
    }

    /** {@code weight} where the prediction counts, otherwise 0, [B * T]. */
    public float[] weights(float weight) {
        var weights = new float[rows() * length()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = counts[i / length()][i % length()] ? weight : 0;
        }
        return weights;
    }
}
