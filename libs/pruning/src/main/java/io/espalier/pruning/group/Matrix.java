package io.espalier.pruning.group;

/** The matrices and vectors that units have a part in, by their role in the decoder. */
public enum Matrix {
    /** {@code [queryHeads * headDim, hidden]}. */
    Q,
    /** {@code [kvHeads * headDim, hidden]}. */
    K,
    /** {@code [kvHeads * headDim, hidden]}. */
    V,
    /** {@code [hidden, queryHeads * headDim]}. */
    O,
    /** {@code [channels, hidden]}. */
    GATE,
    /** {@code [channels, hidden]}. */
    UP,
    /** {@code [hidden, channels]}. */
    DOWN,
    /** {@code [hidden]}, in front of attention. */
    INPUT_NORM,
    /** {@code [hidden]}, in front of the MLP. */
    POST_ATTENTION_NORM,
    /** {@code [hidden]}, behind the last block. */
    FINAL_NORM,
    /** {@code [vocabulary, hidden]}. */
    EMBEDDING,
    /** {@code [vocabulary, hidden]}; not there when tied to the embedding. */
    LM_HEAD
}
