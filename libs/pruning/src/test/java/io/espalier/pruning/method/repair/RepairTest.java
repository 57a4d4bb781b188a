package io.espalier.pruning.method.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.espalier.model.engine.Torch;
import io.espalier.pruning.method.algebra.Cut;
import io.espalier.pruning.method.algebra.Dense;
import io.espalier.pruning.method.algebra.Samples;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RepairTest {
    private static final int[] KEPT = {0, 2, 3, 5, 8, 9, 11};
    private final DMatrixRMaj x = Samples.activations(1, 200, 12); // (tokens, channels)
    private final DMatrixRMaj gram = Samples.gram(x);
    private final DMatrixRMaj weight = Samples.gaussian(4, 6, 12); // (out, channels)
    private final NDManager manager = Torch.newManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void exactIsTheLeastSquaresSolutionFoundByQr() {
        DMatrixRMaj keptInput = Dense.columns(x, KEPT);
        DMatrixRMaj output = Dense.timesTransposed(x, weight); // (tokens, out)
        LinearSolverDense<DMatrixRMaj> qr = LinearSolverFactory_DDRM.leastSquares(x.numRows, KEPT.length);
        assertThat(qr.setA(keptInput)).isTrue();
        DMatrixRMaj expected = new DMatrixRMaj(KEPT.length, weight.numRows);
        qr.solve(output, expected);

        DMatrixRMaj repaired = repaired(new ExactRepair(0), KEPT);

        assertSame(repaired, Dense.transpose(expected), 1e-9);
    }

    /** {@code tr(W_P^T (A_PP - A_PK A_KK^-1 A_KP) W_P)}, and the paper's own form with the inverse of all of A. */
    @Test
    void lossIsTheSchurComplement() {
        int[] pruned = Cut.complement(12, KEPT);
        DMatrixRMaj inverse = new DMatrixRMaj(12, 12);
        CommonOps_DDRM.invert(gram, inverse);
        DMatrixRMaj schur = new DMatrixRMaj(pruned.length, pruned.length);
        CommonOps_DDRM.invert(Dense.cut(inverse, pruned, pruned), schur);
        DMatrixRMaj lost = Dense.columns(weight, pruned); // (out, pruned)
        double expected = CommonOps_DDRM.trace(Dense.timesTransposed(Dense.times(lost, schur), lost));

        double loss = loss(repaired(new ExactRepair(0), KEPT));

        assertThat(loss).isCloseTo(expected, within(1e-7 * expected));
        assertThat(loss).isLessThan(loss(Dense.columns(weight, KEPT)));
    }

    @Test
    void dampingPullsTowardsTheOriginalWeights() {
        double slight = loss(repaired(new ExactRepair(0.01), KEPT));
        double exact = loss(repaired(new ExactRepair(0), KEPT));
        DMatrixRMaj frozen = repaired(new ExactRepair(1e12), KEPT);

        assertThat(slight).isGreaterThan(exact).isLessThan(1.1 * exact);
        assertSame(frozen, Dense.columns(weight, KEPT), 1e-6);
    }

    @Test
    void admmConvergesToExact() {
        DMatrixRMaj exact = repaired(new ExactRepair(0), KEPT);

        DMatrixRMaj admm = repaired(new AdmmRepair(0.1, 2000, 0), KEPT);

        assertSame(admm, exact, 1e-6);
    }

    @Test
    void thirtyStepsOfThePaperLeaveLittle() {
        double none = loss(Dense.columns(weight, KEPT));
        double exact = loss(repaired(new ExactRepair(0), KEPT));

        double paper = loss(repaired(new AdmmRepair(1, 30, 0), KEPT));
        double small = loss(repaired(new AdmmRepair(0.1, 30, 0), KEPT));

        assertThat((paper - exact) / (none - exact)).isBetween(-1e-9, 0.1);
        assertThat((small - exact) / (none - exact)).isBetween(-1e-9, 0.01);
    }

    @Test
    void nothingPrunedChangesNothing() {
        int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

        assertSame(repaired(new ExactRepair(0.01), all), weight, 0);
        assertSame(repaired(new AdmmRepair(1, 30, 0.01), all), weight, 0);
    }

    private DMatrixRMaj repaired(Repair repair, int[] kept) {
        return Samples.matrix(repair.repair(Samples.array(manager, gram), Samples.array(manager, weight), kept));
    }

    /** What is left of the output error: {@code ||(W' - W) X||^2}. */
    private double loss(DMatrixRMaj repaired) {
        DMatrixRMaj difference = weight.copy();
        CommonOps_DDRM.scale(-1, difference);
        for (int i = 0; i < weight.numRows; i++) {
            for (int k = 0; k < KEPT.length; k++) {
                difference.add(i, KEPT[k], repaired.get(i, k));
            }
        }
        double norm = NormOps_DDRM.normF(Dense.timesTransposed(difference, x));
        return norm * norm;
    }

    private static void assertSame(DMatrixRMaj actual, DMatrixRMaj expected, double tolerance) {
        assertThat(actual.numRows).isEqualTo(expected.numRows);
        assertThat(actual.numCols).isEqualTo(expected.numCols);
        for (int i = 0; i < expected.getNumElements(); i++) {
            assertThat(actual.data[i]).isCloseTo(expected.data[i], within(tolerance));
        }
    }
}
