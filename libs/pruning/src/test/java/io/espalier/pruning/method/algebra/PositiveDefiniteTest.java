package io.espalier.pruning.method.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.engine.Torch;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositiveDefiniteTest {
    private final NDManager manager = Torch.newManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 60, 255, 256, 257, 300, 700})
    void solvesWhatItWasMadeOf(int n) {
        DMatrixRMaj a = Samples.gram(Samples.gaussian(7, 2 * n, n));
        DMatrixRMaj x = Samples.gaussian(8, n, 5);
        DMatrixRMaj b = Dense.times(a, x);
        NDArray matrix = array(a);
        NDArray right = array(b);

        double[] solved = PositiveDefinite.factor(matrix, 0).solve(right).toDoubleArray();

        for (int i = 0; i < x.getNumElements(); i++) {
            assertThat(solved[i]).isCloseTo(x.data[i], within(1e-8));
        }
        assertThat(right.toDoubleArray()).containsExactly(b.data);
        assertThat(matrix.toDoubleArray()).containsExactly(a.data);
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 270, 600})
    void invertsTheDiagonal(int n) {
        DMatrixRMaj a = Samples.gram(Samples.gaussian(9, 3 * n, n));
        DMatrixRMaj inverse = new DMatrixRMaj(n, n);
        CommonOps_DDRM.invert(a, inverse);

        double[] diagonal = PositiveDefinite.factor(array(a), 0).inverseDiagonal();

        for (int i = 0; i < n; i++) {
            assertThat(diagonal[i]).isCloseTo(inverse.get(i, i), within(1e-9));
        }
    }

    @Test
    void shiftsTheDiagonalInPlace() {
        NDArray matrix = array(Samples.gram(Samples.gaussian(3, 10, 3)));
        double[] before = matrix.toDoubleArray();

        PositiveDefinite.shiftDiagonal(matrix, 0.5);

        double[] after = matrix.toDoubleArray();
        for (int i = 0; i < 9; i++) {
            assertThat(after[i]).isEqualTo(before[i] + (i % 4 == 0 ? 0.5 : 0));
        }
    }

    @Test
    void growsTheRidgeOfASingularMatrix() {
        NDArray singular = array(Samples.gram(Samples.gaussian(1, 5, 20))); // rank 5

        PositiveDefinite factor = PositiveDefinite.factor(singular, 0);

        assertThat(factor.ridge()).isPositive().isLessThan(1e-6 * PositiveDefinite.meanDiagonal(singular));
    }

    @Test
    void takesTheRidgeAskedForAndTreatsNoDataAsTheIdentity() {
        NDArray two = array(CommonOps_DDRM.diag(2, 2, 2));

        assertThat(PositiveDefinite.factor(two, 0.5).solve(new double[]{3, 6, 9}))
                .containsExactly(new double[]{1, 2, 3}, within(1e-12));
        assertThat(PositiveDefinite.factor(array(new DMatrixRMaj(2, 2)), 1).solve(new double[]{3, 4}))
                .containsExactly(3, 4);
    }

    @Test
    void refusesWhatIsNotANumber() {
        assertThatThrownBy(() -> PositiveDefinite.factor(array(CommonOps_DDRM.diag(1, Double.NaN)), 0))
                .isInstanceOf(ArithmeticException.class).hasMessageContaining("NaN");
    }

    /** A result depends on the numbers alone, and nothing of it stays behind. */
    @Test
    void freesWhatItMade() {
        NDArray a = array(Samples.gram(Samples.gaussian(3, 900, 300)));
        double[] once = PositiveDefinite.factor(a, 0.01).inverseDiagonal();
        int before = manager.getManagedArrays().size();

        try (PositiveDefinite factor = PositiveDefinite.factor(a, 0.01)) {
            assertThat(factor.inverseDiagonal()).containsExactly(once);
            factor.solve(array(Samples.gaussian(4, 300, 2))).close();
        }

        assertThat(manager.getManagedArrays()).as("the right side alone").hasSize(before + 1);
    }

    private NDArray array(DMatrixRMaj matrix) {
        return Samples.array(manager, matrix);
    }
}
