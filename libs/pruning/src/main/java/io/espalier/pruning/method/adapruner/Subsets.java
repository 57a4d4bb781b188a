package io.espalier.pruning.method.adapruner;

import io.espalier.pruning.method.random.SerialRandom;
import java.util.stream.IntStream;

/**
 * The calibration subsets among which a trial chooses: drawn once, so that they are one category for the optimiser [D].
 * The first one is the beginning of the pool, on which LLM-Pruner's own criteria are computed as they are.
 */
record Subsets(int pool, int size, int count, long seed) {
    Subsets {
        if (size > pool) {
            throw new IllegalArgumentException("method.subsetSize: " + size
                    + " samples cannot be drawn from a pool of " + pool + " (calibration.samples)");
        }
    }

    /** Samples of a subset, ascending. */
    int[] get(int index) {
        if (index == 0) {
            return IntStream.range(0, size).toArray();
        }
        SerialRandom random = new SerialRandom(new SerialRandom(seed ^ index).nextLong());
        return random.sample(pool, size);
    }
}
