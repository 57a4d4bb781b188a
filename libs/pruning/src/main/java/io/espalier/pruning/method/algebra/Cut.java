package io.espalier.pruning.method.algebra;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;

/** Chosen rows and columns of matrices. */
public final class Cut {
    private Cut() {}

    /** The given rows, in the given order; at least one. */
    public static NDArray rows(NDManager scope, NDArray matrix, int[] rows) {
        return owned(scope, matrix.get(scope.create(rows)));
    }

    /** The given columns, in the given order; at least one. */
    public static NDArray columns(NDManager scope, NDArray matrix, int[] columns) {
        return owned(scope, matrix.get(new NDIndex(":, {}", scope.create(columns))));
    }

    /** What of {@code 0..size-1} is not among the given ascending indices. */
    public static int[] complement(int size, int[] kept) {
        int[] rest = new int[size - kept.length];
        int k = 0;
        int r = 0;
        for (int i = 0; i < size; i++) {
            if (k < kept.length && kept[k] == i) {
                k++;
            } else {
                rest[r++] = i;
            }
        }
        return rest;
    }

    private static NDArray owned(NDManager scope, NDArray array) {
        array.attach(scope);
        return array;
    }
}
