package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;

/** What the logits of a sequence are worth, and how its hidden states change that: where a backward pass begins. */
public interface HeadObjective {
    /**
     * @param value    sum over the sequences of each one's own value
     * @param gradient of that sum with respect to the hidden states, [B, T, d], in their manager
     */
    record Result(double value, NDArray gradient) {}

    /**
     * @param hidden behind the final norm, [B, T, d], outside any graph
     * @param tokens [B][T]
     */
    Result apply(Head head, NDArray hidden, int[][] tokens);

    /**
     * Gradient of the same sum with respect to rows of lm_head; only needed where the head itself is scored.
     *
     * @return the shape of the piece's weight, in the manager of {@code hidden}
     */
    default NDArray weightGradient(Head head, Head.Piece piece, NDArray hidden, int[][] tokens) {
        throw new UnsupportedOperationException("this objective has no gradient for lm_head");
    }
}
