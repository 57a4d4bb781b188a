package io.espalier.pruning.method.algebra;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.pruning.method.random.SerialRandom;
import org.ejml.data.DMatrixRMaj;

/** Random matrices for tests. */
public final class Samples {
    private Samples() {}

    public static DMatrixRMaj gaussian(long seed, int rows, int columns) {
        SerialRandom random = new SerialRandom(seed);
        DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
        for (int i = 0; i < matrix.getNumElements(); i++) {
            matrix.data[i] = random.nextGaussian();
        }
        return matrix;
    }

    /** Correlated inputs [tokens, channels], as activations are: a few directions carry most. */
    public static DMatrixRMaj activations(long seed, int tokens, int channels) {
        DMatrixRMaj x = Dense.times(gaussian(seed, tokens, channels / 2), gaussian(seed + 1, channels / 2, channels));
        DMatrixRMaj noise = gaussian(seed + 2, tokens, channels);
        for (int i = 0; i < x.getNumElements(); i++) {
            x.data[i] += noise.data[i];
        }
        return x;
    }

    public static DMatrixRMaj gram(DMatrixRMaj x) {
        return Dense.transposedTimes(x, x);
    }

    /** The same matrix in the engine, fp64. */
    public static NDArray array(NDManager scope, DMatrixRMaj matrix) {
        return scope.create(matrix.data, new Shape(matrix.numRows, matrix.numCols));
    }

    /** And back. */
    public static DMatrixRMaj matrix(NDArray array) {
        Shape shape = array.getShape();
        return DMatrixRMaj.wrap(Math.toIntExact(shape.get(0)), Math.toIntExact(shape.get(1)), array.toDoubleArray());
    }
}
