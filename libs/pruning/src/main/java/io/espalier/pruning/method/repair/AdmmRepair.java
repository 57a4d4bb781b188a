package io.espalier.pruning.method.repair;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.engine.Torch;
import io.espalier.pruning.method.algebra.Cut;
import io.espalier.pruning.method.algebra.PositiveDefinite;
import java.util.Arrays;

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
    public NDArray repair(NDArray gram, NDArray weight, int[] kept) {
        NDManager result = gram.getManager();
        try (NDManager inner = result.newSubManager()) {
            NDArray wide = owned(inner, weight.toType(DataType.FLOAT64, true));
            NDArray repaired = owned(inner, wide.transpose()); // (n, out), as all below
            int n = Math.toIntExact(gram.getShape().get(0));
            if (kept.length < n) {
                NDArray scale = inner.create(scales(gram), new Shape(n, 1));
                scale(gram, scale);
                NDArray z = iterate(gram, wide.transpose().mul(scale), mask(inner, n, kept));
                repaired = z.divi(scale);
            }
            NDArray rows = Cut.rows(inner, repaired, kept);
            NDArray columns = result.zeros(new Shape(rows.getShape().get(1), kept.length), DataType.FLOAT64);
            return columns.addi(rows.transpose());
        }
    }

    /** The Gram and its factor; weights: as given, the goal, Z, U, and what is solved for in a step. */
    @Override
    public long bytes(long n, long out) {
        return Double.BYTES * (n * n + (5 + SLACK) * n * out) + PositiveDefinite.bytes(n, out);
    }

    /** @param target closed */
    private NDArray iterate(NDArray a, NDArray target, NDArray mask) {
        NDManager inner = mask.getManager();
        double mean = PositiveDefinite.meanDiagonal(a);
        try (PositiveDefinite factor = PositiveDefinite.factor(a, mean > 0 ? rho / mean : rho)) {
            NDArray goal = owned(inner, a.matMul(target));
            NDArray z = owned(inner, target);
            NDArray u = owned(inner, target.zerosLike());
            for (int i = 0; i < iterations; i++) {
                try (NDManager step = inner.newSubManager()) {
                    NDArray sum = factor.solve(owned(step, z.sub(u)).muli(rho).addi(goal)).addi(u);
                    z.close();
                    u.close();
                    z = owned(inner, sum.mul(mask));
                    u = owned(inner, sum.sub(z));
                }
                Torch.trim(); // what a step has made leaves gaps of many sizes
            }
            return z;
        }
    }

    private static double[] scales(NDArray gram) {
        return Arrays.stream(PositiveDefinite.diagonal(gram)).map(d -> d > 0 ? Math.sqrt(d) : 1).toArray();
    }

    /** Makes {@code A_ij / (s_i s_j)}, damped, of A. */
    private void scale(NDArray gram, NDArray scale) {
        gram.divi(scale).divi(scale.reshape(1, -1));
        PositiveDefinite.shiftDiagonal(gram, damping);
    }

    /** [n, 1], 1 where a column is kept. */
    private static NDArray mask(NDManager inner, int n, int[] kept) {
        double[] keeps = new double[n];
        for (int k : kept) {
            keeps[k] = 1;
        }
        return inner.create(keeps, new Shape(n, 1));
    }

    private static NDArray owned(NDManager scope, NDArray array) {
        array.attach(scope);
        return array;
    }
}
