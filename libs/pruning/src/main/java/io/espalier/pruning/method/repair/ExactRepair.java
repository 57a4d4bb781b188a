package io.espalier.pruning.method.repair;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.espalier.pruning.method.algebra.Cut;
import io.espalier.pruning.method.algebra.PositiveDefinite;

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
        try (NDManager inner = gram.getManager().newSubManager()) {
            NDArray wide = weight.toType(DataType.FLOAT64, true); // (out, in)
            wide.attach(inner);
            NDArray repaired = Cut.columns(inner, wide, kept);
            int[] pruned = Cut.complement(Math.toIntExact(gram.getShape().get(0)), kept);
            if (pruned.length > 0) {
                NDArray rows = Cut.rows(inner, gram, kept); // (kept, in)
                NDArray lost = Cut.columns(inner, rows, pruned).matMul(Cut.columns(inner, wide, pruned).transpose());
                try (var keptBlock = PositiveDefinite.factor(Cut.columns(inner, rows, kept), damping)) {
                    repaired = repaired.addi(keptBlock.solve(lost).transpose()); // (kept, out) to (out, kept)
                }
            }
            repaired.attach(gram.getManager());
            return repaired;
        }
    }
}
