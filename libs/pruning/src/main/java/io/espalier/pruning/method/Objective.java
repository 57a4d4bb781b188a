package io.espalier.pruning.method;

/** By what candidates are compared; low is good. */
public enum Objective {
    /** Perplexity of the masked model. */
    PERPLEXITY,
    /** Mean Kullback-Leibler divergence of the masked model's next-token distribution from the original's. */
    KL_DIVERGENCE
}
