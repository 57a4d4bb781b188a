package io.espalier.pruning.method.repair;

import ai.djl.ndarray.NDArray;

/** Minimises {@code ||(W' - W) X||^2} over all W' that are zero outside the kept columns. */
public sealed interface Repair permits ExactRepair, AdmmRepair {
    /** What the allocator keeps of arrays of many sizes, in weights in fp64. */
    int SLACK = 1;

    /**
     * @param gram {@code A = sum over tokens x x^T} of the projection's input, [n, n], fp64; used up: overwritten or closed
     * @param weight as stored, [out, n]
     * @param kept ascending input channels that stay, at least one
     * @return the kept columns of W', [out, kept], fp64, in the Gram's manager
     */
    NDArray repair(NDArray gram, NDArray weight, int[] kept);

    /** The most bytes that a repair takes, the Gram matrix and its result included, however many channels stay. */
    long bytes(long n, long out);
}
