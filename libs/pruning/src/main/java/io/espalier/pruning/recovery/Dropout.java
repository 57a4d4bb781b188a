package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.config.Role;

/**
 * Sets a share of an adapter's inputs to zero and scales the rest up. Masks follow from the place alone (seed, step,
 * micro-batch, layer, role): recomputing a block in the backward pass gives the same mask, and a resumed run needs no
 * random state.
 */
record Dropout(double share, long seed) {
    static final Dropout NONE = new Dropout(0, 0);

    NDArray apply(NDArray x, int step, int microBatch, int layer, Role role) {
        if (share == 0) {
            return x;
        }
        x.getManager().getEngine().setRandomSeed((int) place(step, microBatch, layer, role));
        return JniUtils.dropout((PtNDArray) x, share, true);
    }

    /** A hash of all that tells one mask from another (the finalizer of SplitMix64). */
    private long place(int step, int microBatch, int layer, Role role) {
        long h = seed;
        for (int part : new int[]{step, microBatch, layer, role.ordinal()}) {
            h = (h ^ part) * 0x9E3779B97F4A7C15L;
            h = (h ^ h >>> 30) * 0xBF58476D1CE4E5B9L;
            h = (h ^ h >>> 27) * 0x94D049BB133111EBL;
            h ^= h >>> 31;
        }
        return h;
    }
}
