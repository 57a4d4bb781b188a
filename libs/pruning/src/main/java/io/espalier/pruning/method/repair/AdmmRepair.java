package io.espalier.pruning.method.repair;

import io.espalier.pruning.method.algebra.Dense;
import io.espalier.pruning.method.algebra.PositiveDefinite;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Reformation of Search for Efficient LLMs (arXiv:2409.17372, section 3.3), ADMM on {@code W'} and its masked copy Z:
 *
 * <pre>
 * W'^T = (A + rho I)^-1 (A W^T + rho (Z - U)^T);   Z = (W' + U) masked;   U = U + W' - Z
 * </pre>
 *
 * Two departures. The mask keeps what is kept: the paper prints the mask of the pruned weights there, a slip of sign
 * that makes the loss worse than no repair. And columns are first scaled by {@code sqrt(diag A)}, as in the released
 * code, so that rho is relative; unscaled, 30 steps leave most of the repairable loss.
 *
 * @param rho        penalty; in the paper 1, improving down to 0.01
 * @param iterations in the paper 30
 * @param damping    ridge, relative to the mean diagonal [D]
 */
public record AdmmRepair(double rho, int iterations, double damping) implements Repair {
    @Override
    public DMatrixRMaj repair(DMatrixRMaj gram, DMatrixRMaj weight, int[] kept) {
        if (kept.length == weight.numCols || kept.length == 0) {
            return Dense.columns(weight, kept);
        }
        double[] scale = Arrays.stream(PositiveDefinite.diagonal(gram)).map(d -> d > 0 ? Math.sqrt(d) : 1).toArray();
        DMatrixRMaj a = scaledGram(gram, scale);
        DMatrixRMaj target = Dense.transpose(weight); // (n, out), like all that follows
        scaleRows(target, scale, true);
        DMatrixRMaj z = iterate(a, target, mask(weight.numCols, kept));
        scaleRows(z, scale, false);
        return Dense.columns(Dense.transpose(z), kept);
    }

    private DMatrixRMaj iterate(DMatrixRMaj a, DMatrixRMaj target, boolean[] keeps) {
        DMatrixRMaj system = a.copy();
        for (int i = 0; i < system.numRows; i++) {
            system.add(i, i, rho);
        }
        PositiveDefinite factor = PositiveDefinite.factor(system, 0);
        DMatrixRMaj goal = Dense.times(a, target);
        DMatrixRMaj z = target.copy();
        DMatrixRMaj u = new DMatrixRMaj(z.numRows, z.numCols);
        for (int step = 0; step < iterations; step++) {
            DMatrixRMaj right = goal.copy();
            CommonOps_DDRM.addEquals(right, rho, z);
            CommonOps_DDRM.addEquals(right, -rho, u);
            DMatrixRMaj w = factor.solve(right);
            for (int i = 0; i < z.numRows; i++) {
                for (int j = 0; j < z.numCols; j++) {
                    double sum = w.unsafe_get(i, j) + u.unsafe_get(i, j);
                    z.unsafe_set(i, j, keeps[i] ? sum : 0);
                    u.unsafe_set(i, j, keeps[i] ? 0 : sum);
                }
            }
        }
        return z;
    }

    private DMatrixRMaj scaledGram(DMatrixRMaj gram, double[] scale) {
        DMatrixRMaj a = gram.copy();
        for (int i = 0; i < a.numRows; i++) {
            for (int j = 0; j < a.numCols; j++) {
                a.unsafe_set(i, j, a.unsafe_get(i, j) / (scale[i] * scale[j]));
            }
            a.add(i, i, damping);
        }
        return a;
    }

    private static void scaleRows(DMatrixRMaj matrix, double[] scale, boolean multiply) {
        for (int i = 0; i < matrix.numRows; i++) {
            double factor = multiply ? scale[i] : 1 / scale[i];
            for (int j = 0; j < matrix.numCols; j++) {
                matrix.unsafe_set(i, j, matrix.unsafe_get(i, j) * factor);
            }
        }
    }

    private static boolean[] mask(int size, int[] kept) {
        boolean[] keeps = new boolean[size];
        for (int k : kept) {
            keeps[k] = true;
        }
        return keeps;
    }
}
