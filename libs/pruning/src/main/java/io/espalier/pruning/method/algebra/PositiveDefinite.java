package io.espalier.pruning.method.algebra;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_MT_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * The Cholesky factor of a Gram matrix, made regular by a ridge. A Gram of fewer tokens than channels, or with dead
 * channels, is only semidefinite; then the ridge grows tenfold until the factor exists.
 */
public final class PositiveDefinite {
    /** Below this many rows one thread is faster. By size alone, so that a result does not depend on the machine. */
    private static final int THREADED_FROM = 256;
    private static final double SMALLEST_RIDGE = 1e-12;

    private final LinearSolverDense<DMatrixRMaj> solver;
    private final int size;
    private final double ridge;

    private PositiveDefinite(LinearSolverDense<DMatrixRMaj> solver, int size, double ridge) {
        this.solver = solver;
        this.size = size;
        this.ridge = ridge;
    }

    /**
     * Factors {@code a + ridge * mean(diag a) * I}.
     *
     * @param a symmetric, [n, n]; unchanged
     * @param ridge relative to the mean of the diagonal, 0 or more
     */
    public static PositiveDefinite factor(DMatrixRMaj a, double ridge) {
        int n = a.numRows;
        if (MatrixFeatures_DDRM.hasUncountable(a)) {
            throw new ArithmeticException("a Gram matrix of " + n + " rows holds NaN or infinities");
        }
        double mean = meanDiagonal(a);
        double unit = mean > 0 ? mean : 1;
        for (double r = ridge; r <= Math.max(1, ridge); r = Math.max(10 * r, SMALLEST_RIDGE)) {
            DMatrixRMaj damped = a.copy();
            for (int i = 0; i < n; i++) {
                damped.add(i, i, r * unit);
            }
            LinearSolverDense<DMatrixRMaj> solver = n < THREADED_FROM
                    ? LinearSolverFactory_DDRM.symmPosDef(n)
                    : LinearSolverFactory_MT_DDRM.symmPosDef(n);
            if (solver.setA(damped)) {
                return new PositiveDefinite(solver, n, r * unit);
            }
        }
        throw new ArithmeticException("a matrix of " + n + " rows has no Cholesky factor: it is not positive");
    }

    /** @param b [n, k]; returns {@code A^-1 b}, [n, k] */
    public DMatrixRMaj solve(DMatrixRMaj b) {
        DMatrixRMaj x = new DMatrixRMaj(size, b.numCols);
        solver.solve(solver.modifiesB() ? b.copy() : b, x);
        return x;
    }

    /** @param b [n]; returns {@code A^-1 b}, [n] */
    public double[] solve(double[] b) {
        return solve(new DMatrixRMaj(size, 1, true, b)).data;
    }

    /** Diagonal of the inverse, [n]. */
    public double[] inverseDiagonal() {
        DMatrixRMaj inverse = new DMatrixRMaj(size, size);
        solver.invert(inverse);
        return diagonal(inverse);
    }

    /** What was added to the diagonal. */
    public double ridge() {
        return ridge;
    }

    public static double[] diagonal(DMatrixRMaj a) {
        double[] d = new double[a.numRows];
        for (int i = 0; i < d.length; i++) {
            d[i] = a.get(i, i);
        }
        return d;
    }

    public static double meanDiagonal(DMatrixRMaj a) {
        return CommonOps_DDRM.trace(a) / a.numRows;
    }
}
