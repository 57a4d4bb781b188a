package io.espalier.pruning.method.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/** Sums over arrays of the engine, in fp64. */
public final class Arrays64 {
    private Arrays64() {}

    /** Sums of rows of a matrix [rows, columns], added in fp64: [rows]. */
    public static double[] rowSums(NDArray matrix) {
        return sums(matrix, 1);
    }

    /** Sums of columns of a matrix [rows, columns], added in fp64: [columns]. */
    public static double[] columnSums(NDArray matrix) {
        return sums(matrix, 0);
    }

    private static double[] sums(NDArray matrix, int axis) {
        try (NDManager scope = matrix.getManager().newSubManager()) {
            NDArray wide = matrix.toType(DataType.FLOAT64, true);
            wide.attach(scope);
            return wide.sum(new int[]{axis}).toDoubleArray();
        }
    }

    /** Neighbouring entries added up: [n] to [units], n a multiple of it. */
    public static double[] fold(double[] channels, int units) {
        int width = channels.length / units;
        double[] folded = new double[units];
        for (int i = 0; i < channels.length; i++) {
            folded[i / width] += channels[i];
        }
        return folded;
    }
}
