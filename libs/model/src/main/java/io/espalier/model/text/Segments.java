package io.espalier.model.text;

import java.util.Arrays;

/**
 * The perplexity protocol of LLM-Pruner and its successors: the whole text is encoded once (so at most one BOS, at its very
 * start), cut into segments without overlap, the tail dropped; T - 1 predictions in each segment of T tokens.
 */
public final class Segments {
    private Segments() {}

    /**
     * @param limit how many at most; null for all
     * @return [segments][length]
     * @throws InvalidTextException where the text is shorter than one segment
     */
    public static int[][] cut(Tokenizer tokenizer, TextSource source, int length, Integer limit) {
        return cut(tokenizer.encode(source.text()), length, limit);
    }

    static int[][] cut(int[] tokens, int length, Integer limit) {
        int all = tokens.length / length;
        if (all == 0) {
            throw new InvalidTextException(
                    "the text has " + tokens.length + " tokens, less than one segment of " + length);
        }
        var segments = new int[limit == null ? all : Math.min(limit, all)][];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = Arrays.copyOfRange(tokens, i * length, (i + 1) * length);
        }
        return segments;
    }
}
