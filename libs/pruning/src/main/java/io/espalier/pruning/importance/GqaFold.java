package io.espalier.pruning.importance;

import io.espalier.model.config.LayerShape;

/**
 * Which query heads speak for a KV group: adds the entries of q and o vectors {@code [Hq * Dh]} up to
 * {@code [Hkv * Dh]}. Without grouped-query attention the two agree.
 */
public enum GqaFold {
    /** Query heads {@code kR .. kR+R-1}: those that read KV head {@code k} and go with it. */
    CONTIGUOUS,
    /**
     * Query heads {@code k, k+Hkv, k+2Hkv, ..}: what LLM-Pruner's {@code llama3.py} does by a reshape. It ranks KV groups
     * by heads that do not belong to them; only for repeating published figures.
     */
    STRIDED_LEGACY;

    public double[] fold(double[] query, LayerShape shape, int headDim) {
        double[] folded = new double[shape.kvHeads() * headDim];
        for (int head = 0; head < shape.queryHeads(); head++) {
            int group = this == CONTIGUOUS ? head / shape.groupSize() : head % shape.kvHeads();
            for (int i = 0; i < headDim; i++) {
                folded[group * headDim + i] += query[head * headDim + i];
            }
        }
        return folded;
    }
}
