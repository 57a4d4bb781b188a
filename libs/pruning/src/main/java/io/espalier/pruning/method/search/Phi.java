package io.espalier.pruning.method.search;

import io.espalier.pruning.method.algebra.PositiveDefinite;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

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

    /** @param gram {@code X X^T} of the layer's input, [in, in] */
    static Phi of(DMatrixRMaj gram) {
        DMatrixRMaj twice = gram.copy();
        CommonOps_DDRM.scale(2, twice);
        return new Phi(PositiveDefinite.factor(twice, DAMPING).inverseDiagonal());
    }

    /** @param weight [out, in]; returns one score for each row, [out] */
    double[] rows(DMatrixRMaj weight) {
        double[] scores = new double[weight.numRows];
        for (int i = 0; i < weight.numRows; i++) {
            for (int j = 0; j < weight.numCols; j++) {
                scores[i] += importance(weight, i, j);
            }
        }
        return scores;
    }

    /** @param weight [out, in]; returns one score for each column, [in] */
    double[] columns(DMatrixRMaj weight) {
        double[] scores = new double[weight.numCols];
        for (int i = 0; i < weight.numRows; i++) {
            for (int j = 0; j < weight.numCols; j++) {
                scores[j] += importance(weight, i, j);
            }
        }
        return scores;
    }

    private double importance(DMatrixRMaj weight, int i, int j) {
        double w = weight.unsafe_get(i, j);
        return w * w / inverseDiagonal[j];
    }
}
