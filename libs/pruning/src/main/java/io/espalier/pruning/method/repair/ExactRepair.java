package io.espalier.pruning.method.repair;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.pruning.method.algebra.Cut;
import io.espalier.pruning.method.algebra.PositiveDefinite;
import io.espalier.pruning.method.algebra.RowBlocks;
import java.util.Arrays;

/**
 * The closed form {@code W'_K = W_K + W_P A_PK A_KK^-1} (weights as stored, [out, in]); one Cholesky factor of the kept
 * block. Numerical Pruning (arXiv:2412.12441, section "compensation") states the same optimum by way of the inverse of
 * the whole Gram; the Schur complement turns one into the other. For Search for Efficient LLMs, whose paper iterates
 * ({@link AdmmRepair}), it is ours [D]: the optimum that the iteration converges to.
 *
 * @param damping ridge on the change of the weights, relative to the mean diagonal of A_KK [D]: the paper adds one only
 *                "in the singular case" and gives no value
 */
public record ExactRepair(double damping) implements Repair {
    @Override
    public NDArray repair(NDArray gram, NDArray weight, int[] kept) {
        NDManager target = gram.getManager();
        try (NDManager inner = target.newSubManager()) {
            NDArray repaired = columns(inner, weight, kept);
            int[] pruned = Cut.complement(Math.toIntExact(gram.getShape().get(0)), kept);
            if (pruned.length > 0) {
                NDArray square = inner.zeros(new Shape(kept.length, kept.length), DataType.FLOAT64);
                NDArray lost = inner.zeros(new Shape(kept.length, weight.getShape().get(0)), DataType.FLOAT64);
                split(gram, kept, pruned, columns(inner, weight, pruned), square, lost);
                gram.close();
                try (var keptBlock = PositiveDefinite.factor(square, damping)) {
                    repaired.addi(keptBlock.solve(lost).transpose()); // (kept, out) to (out, kept)
                }
            }
            repaired.attach(target);
            return repaired;
        }
    }

    /** Some columns in fp64, [out, columns]. */
    private static NDArray columns(NDManager scope, NDArray weight, int[] columns) {
        try (NDArray narrow = Cut.columns(scope, weight, columns)) {
            NDArray wide = narrow.toType(DataType.FLOAT64, true);
            wide.attach(scope);
            return wide;
        }
    }

    /**
     * Fills {@code A_KK} and {@code A_KP W_P^T}, some rows at a time: all of A's kept rows together would be nearly as much as A.
     *
     * @param gone the pruned columns of W, [out, pruned]
     */
    private static void split(NDArray gram, int[] kept, int[] pruned, NDArray gone, NDArray square, NDArray lost) {
        RowBlocks.forEach(square, (scope, from, to, rows) -> {
            NDArray block = Cut.rows(scope, gram, Arrays.copyOfRange(kept, (int) from, (int) to)); // (rows, in)
            rows.addi(Cut.columns(scope, block, kept));
            NDArray part = lost.get(new NDIndex("{}:{}", from, to));
            part.attach(scope);
            part.addi(Cut.columns(scope, block, pruned).matMul(gone.transpose()));
        });
    }

    /**
     * Before the Gram goes: it, the kept part of it, the weight, what is lost of it. After: the kept part, its factor, and what is
     * solved. Each grows with the number of columns that stay.
     */
    @Override
    public long bytes(long n, long out) {
        long square = n * n;
        long weight = n * out;
        long split = Double.BYTES * (2 * square + (2 + SLACK) * weight + Math.min(RowBlocks.ROWS, n) * (2 * n + out));
        long solved = Double.BYTES * (square + (2 + SLACK) * weight) + PositiveDefinite.bytes(n, out);
        return Math.max(split, solved);
    }
}
