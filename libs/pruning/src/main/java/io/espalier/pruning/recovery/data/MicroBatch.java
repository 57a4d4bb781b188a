package io.espalier.pruning.recovery.data;

import java.util.Arrays;
import java.util.List;

/**
 * Sequences that go through the model together, padded at the end. Attention is causal, so no counted token sees the
 * padding, and positions need no shift; a mask over the loss is all that padding takes.
 *
 * @param tokens [rows, length], row after row, 0 where padded
 * @param mask   1 where the token at this place counts as a target, otherwise 0; the first of a row is always 0
 */
public record MicroBatch(int rows, int length, int[] tokens, float[] mask) {
    /** Pads to the longest of the examples. */
    public static MicroBatch of(List<Example> examples) {
        int length = examples.stream().mapToInt(Example::length).max().orElseThrow();
        int[] tokens = new int[examples.size() * length];
        float[] mask = new float[tokens.length];
        for (int row = 0; row < examples.size(); row++) {
            Example example = examples.get(row);
            int start = row * length;
            System.arraycopy(example.tokens(), 0, tokens, start, example.length());
            Arrays.fill(mask, start + example.length() - example.counted(), start + example.length(), 1);
        }
        return new MicroBatch(examples.size(), length, tokens, mask);
    }

    /** Targets that count. */
    public int counted() {
        int counted = 0;
        for (float m : mask) {
            counted += (int) m;
        }
        return counted;
    }
}
