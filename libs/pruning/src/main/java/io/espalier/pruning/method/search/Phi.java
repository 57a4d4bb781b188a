package io.espalier.pruning.method.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.pruning.method.algebra.PositiveDefinite;
import java.util.Arrays;

/**
 * Importance of weights for the initial subnet, Search for Efficient LLMs (arXiv:2409.17372, eq. 1):
 * {@code Phi_ij = W_ij^2 / [(2 X X^T)^-1]_jj}, summed over rows or columns. The paper's eqs. 2 and 3 minimise the masked
 * sum, so their ones mark what goes; what is kept has the largest sums.
 *
 * @param inverseDiagonal of {@code 2 X X^T} with damping, [in]
 */
record Phi(double[] inverseDiagonal) {
    /** Ridge, relative to the mean diagonal [D]: the paper gives none. */
    static final double DAMPING = 0.01;

    /** @param gram {@code X X^T} of the layer's input, [in, in], fp64 */
    static Phi of(NDArray gram) {
        try (PositiveDefinite factor = PositiveDefinite.factor(gram, DAMPING)) {
            return new Phi(Arrays.stream(factor.inverseDiagonal()).map(d -> d / 2).toArray());
        }
    }

    /** @param weight [out, in]; returns one score for each row, [out] */
    double[] rows(NDArray weight) {
        try (NDManager inner = weight.getManager().newSubManager()) {
            double[] scales = Arrays.stream(inverseDiagonal).map(d -> 1 / d).toArray();
            return squares(inner, weight).matMul(inner.create(scales, new Shape(scales.length, 1))).toDoubleArray();
        }
    }

    /** @param weight [out, in]; returns one score for each column, [in] */
    double[] columns(NDArray weight) {
        try (NDManager inner = weight.getManager().newSubManager()) {
            double[] scores = squares(inner, weight).sum(new int[]{0}).toDoubleArray();
            for (int j = 0; j < scores.length; j++) {
                scores[j] /= inverseDiagonal[j];
            }
            return scores;
        }
    }

    private static NDArray squares(NDManager inner, NDArray weight) {
        NDArray wide = weight.toType(DataType.FLOAT64, true);
        wide.attach(inner);
        return wide.muli(wide);
    }
}
