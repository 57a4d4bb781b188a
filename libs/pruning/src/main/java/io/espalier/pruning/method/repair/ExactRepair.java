package io.espalier.pruning.method.repair;

import io.espalier.pruning.method.algebra.Dense;
import io.espalier.pruning.method.algebra.PositiveDefinite;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The closed form {@code W'_K = W_K + W_P A_PK A_KK^-1} (weights as stored, [out, in]); one Cholesky factor of the kept
 * block. Numerical Pruning (arXiv:2412.12441, section "compensation") states the same optimum by way of the inverse of
 * the whole Gram; the Schur complement turns one into the other.
 *
 * @param damping ridge on the change of the weights, relative to the mean diagonal of A_KK [D]: the paper adds one only
 *                "in the singular case" and gives no value
 */
public record ExactRepair(double damping) implements Repair {
    @Override
    public DMatrixRMaj repair(DMatrixRMaj gram, DMatrixRMaj weight, int[] kept) {
        int[] pruned = Dense.complement(weight.numCols, kept);
        DMatrixRMaj repaired = Dense.columns(weight, kept);
        if (pruned.length == 0 || kept.length == 0) {
            return repaired;
        }
        PositiveDefinite keptBlock = PositiveDefinite.factor(Dense.cut(gram, kept, kept), damping);
        DMatrixRMaj lost = Dense.timesTransposed(Dense.cut(gram, kept, pruned), Dense.columns(weight, pruned));
        CommonOps_DDRM.addEquals(repaired, Dense.transpose(keptBlock.solve(lost))); // (kept, out) to (out, kept)
        return repaired;
    }
}
