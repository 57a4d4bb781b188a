package io.espalier.evaluation.likelihood;

import java.util.Arrays;

/**
 * Tokens of which the last ones are to be predicted, each from all before it.
 *
 * @param tokens  context and continuation
 * @param targets length of the continuation, at least 1 and less than all
 */
public record Span(int[] tokens, int targets) {
    public Span {
        if (targets < 1 || targets >= tokens.length) {
            throw new IllegalArgumentException(targets + " of " + tokens.length + " tokens cannot be predicted");
        }
    }

    /** Every token but the first is predicted. */
    public static Span whole(int[] tokens) {
        return new Span(tokens, tokens.length - 1);
    }

    /** What the model reads: all but the last token. */
    int[] input() {
        return Arrays.copyOf(tokens, tokens.length - 1);
    }

    int[] continuation() {
        return Arrays.copyOfRange(tokens, tokens.length - targets, tokens.length);
    }
}
