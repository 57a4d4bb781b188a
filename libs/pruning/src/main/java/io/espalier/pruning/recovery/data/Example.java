package io.espalier.pruning.recovery.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * One training sequence.
 *
 * @param tokens ids, with BOS and EOS where the text has them
 * @param prompt how many of the first tokens do not count in the loss
 */
public record Example(int[] tokens, int prompt) {
    public Example {
        if (tokens.length < 2 || prompt < 0) {
            throw new IllegalArgumentException(
                    "an example of " + tokens.length + " tokens, " + prompt + " of them prompt");
        }
    }

    public int length() {
        return tokens.length;
    }

    /** Predictions that count in the loss: the first token is never predicted. */
    public int counted() {
        return Math.max(0, tokens.length - Math.max(prompt, 1));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Example e && prompt == e.prompt && Arrays.equals(tokens, e.tokens);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(tokens), prompt);
    }

    @Override
    public String toString() {
        return "Example[" + Arrays.toString(tokens) + ", prompt " + prompt + "]";
    }
}
