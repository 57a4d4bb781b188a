package io.espalier.model.config;

/** What the entries along one axis of a weight stand for: what pruning may cut, and together with which others. */
public enum Axis {
    /** The residual stream. */
    HIDDEN,
    /** Query heads times head size. */
    QUERY,
    /** Key-value heads times head size. */
    KEY_VALUE,
    /** The inside of one head. */
    HEAD_DIM,
    /** MLP channels. */
    CHANNEL, VOCABULARY
}
