package io.espalier.pruning.method;

/** How a method's scoring may be spread over tasks with exactly the same result. */
public enum Sharding {
    /** Each task takes some layers; nothing flows between them. */
    BY_LAYERS,
    /** Each task takes some samples and all layers; its sums add up. */
    BY_SAMPLES,
    /**
     * Each task takes a range of layers over all samples; they work at the same time and hand on what crosses the borders
     * between them.
     */
    BY_RANGES,
    /** One task takes all. */
    WHOLE
}
