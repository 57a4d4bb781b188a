package io.espalier.pruning.method.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.ejml.data.DMatrixRMaj;

/** Between arrays of the engine and fp64 on the heap. */
public final class Arrays64 {
    private Arrays64() {}

    /** A matrix on the heap. */
    public static DMatrixRMaj matrix(NDArray array) {
        int rows = Math.toIntExact(array.getShape().get(0));
        int columns = Math.toIntExact(array.getShape().get(1));
        return DMatrixRMaj.wrap(rows, columns, numbers(array));
    }

    /** All entries, row by row. */
    public static double[] numbers(NDArray array) {
        if (array.getDataType() == DataType.FLOAT64) {
            return array.toDoubleArray();
        }
        float[] narrow = array.toFloatArray();
        double[] wide = new double[narrow.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = narrow[i];
        }
        return wide;
    }

    /** An fp32 matrix of the engine. */
    public static NDArray array(NDManager scope, DMatrixRMaj matrix) {
        float[] narrow = new float[matrix.getNumElements()];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) matrix.data[i];
        }
        return scope.create(narrow, new Shape(matrix.numRows, matrix.numCols));
    }

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
