package io.espalier.pruning.method.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.pruning.method.algebra.Dense;
import io.espalier.pruning.method.algebra.Samples;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.junit.jupiter.api.Test;

class RepairTest {
    private static final int[] KEPT = {0, 2, 3, 5, 8, 9, 11};
    private final DMatrixRMaj x = Samples.activations(1, 200, 12); // (tokens, channels)
    private final DMatrixRMaj gram = Samples.gram(x);
    private final DMatrixRMaj weight = Samples.gaussian(4, 6, 12); // (out, channels)

    @Test
    void exactIsTheLeastSquaresSolutionFoundByQr() {
        DMatrixRMaj keptInput = Dense.columns(x, KEPT);
        DMatrixRMaj output = Dense.timesTransposed(x, weight); // (tokens, out)
        LinearSolverDense<DMatrixRMaj> qr = LinearSolverFactory_DDRM.leastSquares(x.numRows, KEPT.length);
        assertThat(qr.setA(keptInput)).isTrue();
        DMatrixRMaj expected = new DMatrixRMaj(KEPT.length, weight.numRows);
        qr.solve(output, expected);

        DMatrixRMaj repaired = new ExactRepair(0).repair(gram, weight, KEPT);

        assertSame(repaired, Dense.transpose(expected), 1e-9);
    }

    /** {@code tr(W_P^T (A_PP - A_PK A_KK^-1 A_KP) W_P)}, and the paper's own form with the inverse of all of A. */
    @Test
    void lossIsTheSchurComplement() {
        int[] pruned = Dense.complement(12, KEPT);
        DMatrixRMaj inverse = new DMatrixRMaj(12, 12);
        CommonOps_DDRM.invert(gram, inverse);
        DMatrixRMaj schur = new DMatrixRMaj(pruned.length, pruned.length);
        CommonOps_DDRM.invert(Dense.cut(inverse, pruned, pruned), schur);
        DMatrixRMaj lost = Dense.columns(weight, pruned); // (out, pruned)
        double expected = CommonOps_DDRM.trace(Dense.timesTransposed(Dense.times(lost, schur), lost));

        double loss = Repair.loss(gram, weight, new ExactRepair(0).repair(gram, weight, KEPT), KEPT);

        assertThat(loss).isCloseTo(expected, within(1e-7 * expected));
        assertThat(loss).isLessThan(Repair.loss(gram, weight, Dense.columns(weight, KEPT), KEPT));
    }

    @Test
    void dampingPullsTowardsTheOriginalWeights() {
        double slight = Repair.loss(gram, weight, new ExactRepair(0.01).repair(gram, weight, KEPT), KEPT);
        double exact = Repair.loss(gram, weight, new ExactRepair(0).repair(gram, weight, KEPT), KEPT);
        DMatrixRMaj frozen = new ExactRepair(1e12).repair(gram, weight, KEPT);

        assertThat(slight).isGreaterThan(exact).isLessThan(1.1 * exact);
        assertSame(frozen, Dense.columns(weight, KEPT), 1e-6);
    }

    @Test
    void admmConvergesToExact() {
        DMatrixRMaj exact = new ExactRepair(0).repair(gram, weight, KEPT);

        DMatrixRMaj admm = new AdmmRepair(0.1, 2000, 0).repair(gram, weight, KEPT);

        assertSame(admm, exact, 1e-6);
    }

    @Test
    void thirtyStepsOfThePaperLeaveLittle() {
        double none = Repair.loss(gram, weight, Dense.columns(weight, KEPT), KEPT);
        double exact = Repair.loss(gram, weight, new ExactRepair(0).repair(gram, weight, KEPT), KEPT);

        double paper = Repair.loss(gram, weight, new AdmmRepair(1, 30, 0).repair(gram, weight, KEPT), KEPT);
        double small = Repair.loss(gram, weight, new AdmmRepair(0.1, 30, 0).repair(gram, weight, KEPT), KEPT);

        assertThat((paper - exact) / (none - exact)).isBetween(-1e-9, 0.1);
        assertThat((small - exact) / (none - exact)).isBetween(-1e-9, 0.01);
    }

    @Test
    void nothingPrunedChangesNothing() {
        int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

        assertSame(new ExactRepair(0.01).repair(gram, weight, all), weight, 0);
        assertSame(new AdmmRepair(1, 30, 0.01).repair(gram, weight, all), weight, 0);
    }

    private static void assertSame(DMatrixRMaj actual, DMatrixRMaj expected, double tolerance) {
        assertThat(actual.numRows).isEqualTo(expected.numRows);
        assertThat(actual.numCols).isEqualTo(expected.numCols);
        for (int i = 0; i < expected.getNumElements(); i++) {
            assertThat(actual.data[i]).isCloseTo(expected.data[i], within(tolerance));
        }
    }
}
