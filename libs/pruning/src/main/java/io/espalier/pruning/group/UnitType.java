package io.espalier.pruning.group;

/** The kinds of structure that can be removed; their order breaks ties in rankings. */
public enum UnitType {
    /** One key-value head together with the query heads that read it. */
    ATTENTION,
    /** One channel of the MLP. */
    MLP,
    /** One dimension of the residual stream, in the whole network (layer is 0). */
    HIDDEN,
    /** One whole block (index is 0). */
    LAYER
}
