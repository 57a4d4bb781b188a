package io.espalier.pruning.method.numerical;

import io.espalier.pruning.method.algebra.PositiveDefinite;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/**
 * Relaxed mask of one output projection (o_proj or down_proj), Numerical Pruning (arXiv:2412.12441, section 3.2):
 *
 * <pre>
 * minimise over z  1/2 sum_i ||X W_i - X (z o W_i)||^2 + lambda/2 (sum(z) - (1 - rho) D)^2
 * </pre>
 *
 * with X [tokens, D] the projection's input and W [D, out] its weight, rows = channels. The objective is quadratic with
 * Hessian {@code G + lambda 1 1^T}, {@code G = (W W^T) o (X^T X)}, so a single Newton step from anywhere is exact and
 * the paper's 50 iterations all repeat it. In closed form, with {@code u = G^-1 1}:
 *
 * <pre>
 * z = 1 - c u,   c = lambda rho D / (1 + lambda sum(u))
 * </pre>
 *
 * Only u and two sums need the data; rho may be chosen later. Inside a layer the order of z is that of -u, whatever
 * lambda and rho.
 *
 * @param u            {@code G^-1 1}, [D]
 * @param meanDiagonal mean diagonal of G, the scale of lambda
 */
public record NewtonScore(double[] u, double meanDiagonal) {
    /** lambda in units of the mean diagonal of G [D]: the paper gives no value. Large pins mean(z) to 1 - rho. */
    public static final double LAMBDA = 1e6;

    /** Jitter of the Cholesky factor, relative to the mean diagonal [D]. */
    public static final double JITTER = 1e-6;

    /**
     * @param inputGram  {@code X^T X}, [D, D]
     * @param weightGram {@code W W^T}, [D, D]: products of the stored weight's columns
     */
    public static NewtonScore of(DMatrixRMaj inputGram, DMatrixRMaj weightGram) {
        DMatrixRMaj g = hadamard(inputGram, weightGram);
        double[] ones = new double[g.numRows];
        Arrays.fill(ones, 1);
        return new NewtonScore(PositiveDefinite.factor(g, JITTER).solve(ones), PositiveDefinite.meanDiagonal(g));
    }

    /**
     * @param rho share of channels to remove, 0 to 1
     * @return z per channel, [D]; not clipped to [0, 1], as in the paper
     */
    public double[] z(double rho) {
        double lambda = LAMBDA * meanDiagonal;
        double c = lambda * rho * u.length / (1 + lambda * Arrays.stream(u).sum());
        return Arrays.stream(u).map(value -> 1 - c * value).toArray();
    }

    static DMatrixRMaj hadamard(DMatrixRMaj a, DMatrixRMaj b) {
        DMatrixRMaj c = new DMatrixRMaj(a.numRows, a.numCols);
        for (int i = 0; i < c.getNumElements(); i++) {
            c.data[i] = a.data[i] * b.data[i];
        }
        return c;
    }
}
