package io.espalier.pruning.method.numerical;

import ai.djl.ndarray.NDArray;
import io.espalier.pruning.method.algebra.PositiveDefinite;
import java.util.Arrays;

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
 * @param meanDiagonal mean diagonal of G, or of all projections' G: the scale of lambda
 */
record NewtonScore(double[] u, double meanDiagonal) {
    /**
     * @param g      {@code (W W^T) o (X^T X)}, [D, D], fp64
     * @param jitter of the Cholesky factor, relative to the mean diagonal of G [D]
     */
    static NewtonScore of(NDArray g, double jitter) {
        double[] ones = new double[Math.toIntExact(g.getShape().get(0))];
        Arrays.fill(ones, 1);
        try (PositiveDefinite factor = PositiveDefinite.factor(g, jitter)) {
            return new NewtonScore(factor.solve(ones), PositiveDefinite.meanDiagonal(g));
        }
    }

    /**
     * @param rho    share of channels to remove, 0 to 1
     * @param lambda in units of {@code meanDiagonal} [D]: the paper gives no value; large pins mean(z) to 1 - rho
     * @return z per channel, [D]; not clipped to [0, 1], as in the paper
     */
    double[] z(double rho, double lambda) {
        double weight = lambda * meanDiagonal;
        double c = weight * rho * u.length / (1 + weight * Arrays.stream(u).sum());
        return Arrays.stream(u).map(value -> 1 - c * value).toArray();
    }
}
