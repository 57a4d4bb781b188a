package io.espalier.pruning.method.algebra;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;

/**
 * The Cholesky factor of a Gram matrix, made regular by a ridge. A Gram of fewer tokens than channels, or with dead
 * channels, is only semidefinite; then the ridge grows tenfold until the factor exists.
 *
 * <p>All in fp64 and outside the heap: beside the n^2 numbers of the matrix, which stays as it is, the factor holds half as
 * many.
 */
public final class PositiveDefinite implements AutoCloseable {
    private static final double SMALLEST_RIDGE = 1e-12;

    private final NDManager scope;
    private final PanelFactor factor;
    private final double ridge;

    private PositiveDefinite(NDManager scope, PanelFactor factor, double ridge) {
        this.scope = scope;
        this.factor = factor;
        this.ridge = ridge;
    }

    /**
     * Factors {@code a + ridge * mean(diag a) * I}.
     *
     * @param a symmetric, [n, n], fp64; unchanged
     * @param ridge relative to the mean of the diagonal, 0 or more
     * @throws ArithmeticException if the matrix holds NaN or infinities, or is far from positive
     */
    public static PositiveDefinite factor(NDArray a, double ridge) {
        double mean = meanDiagonal(a);
        double unit = mean > 0 ? mean : 1;
        for (double r = ridge; r <= Math.max(1, ridge); r = Math.max(10 * r, SMALLEST_RIDGE)) {
            NDManager scope = a.getManager().newSubManager();
            PanelFactor factor = PanelFactor.of(scope, a, r * unit);
            if (factor != null) {
                return new PositiveDefinite(scope, factor, r * unit);
            }
            scope.close();
            refuseUncountable(a);
        }
        throw new ArithmeticException(
                "a matrix of " + a.getShape().get(0) + " rows has no Cholesky factor: it is not positive");
    }

    private static void refuseUncountable(NDArray a) {
        try (NDManager inner = a.getManager().newSubManager()) {
            NDArray sum = a.sum(); // NaN or infinite if any of its terms is
            sum.attach(inner);
            if (!Double.isFinite(sum.getDouble())) {
                throw new ArithmeticException(
                        "a Gram matrix of " + a.getShape().get(0) + " rows holds NaN or infinities");
            }
        }
    }

    /** Bytes that the factor of [n, n] takes, and solving for [n, k] beside the right-hand sides. */
    public static long bytes(long n, long k) {
        return PanelFactor.bytes(n) + PanelFactor.SOLVING_COPIES * Double.BYTES * n * k;
    }

    /** @param b [n, k], fp64; returns {@code A^-1 b}, [n, k], in b's manager */
    public NDArray solve(NDArray b) {
        return factor.solve(b);
    }

    /** @param b [n]; returns {@code A^-1 b}, [n] */
    public double[] solve(double[] b) {
        try (NDManager inner = scope.newSubManager()) {
            return solve(inner.create(b).reshape(b.length, 1)).toDoubleArray();
        }
    }

    /** Diagonal of the inverse, [n]. */
    public double[] inverseDiagonal() {
        return factor.inverseDiagonal();
    }

    /** What was added to the diagonal. */
    public double ridge() {
        return ridge;
    }

    /** @param a [n, n], fp64; returns [n] */
    public static double[] diagonal(NDArray a) {
        long n = a.getShape().get(0);
        try (NDManager inner = a.getManager().newSubManager()) {
            NDArray numbers = a.reshape(-1);
            numbers.attach(inner);
            return numbers.get(new NDIndex("::" + (n + 1))).add(0).toDoubleArray();
        }
    }

    /** Adds a number to each entry of the diagonal, in place. */
    public static void shiftDiagonal(NDArray a, double shift) {
        long n = a.getShape().get(0);
        try (NDManager inner = a.getManager().newSubManager()) {
            NDArray numbers = a.reshape(-1);
            numbers.attach(inner);
            NDArray diagonal = numbers.get(new NDIndex("::" + (n + 1)));
            diagonal.attach(inner);
            diagonal.addi(shift);
        }
    }

    public static double meanDiagonal(NDArray a) {
        return Arrays.stream(diagonal(a)).sum() / a.getShape().get(0);
    }

    /** Frees the factor. */
    @Override
    public void close() {
        scope.close();
    }
}
