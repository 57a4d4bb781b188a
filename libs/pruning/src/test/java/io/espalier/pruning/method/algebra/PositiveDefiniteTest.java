package io.espalier.pruning.method.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositiveDefiniteTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 60, 255, 256, 300})
    void solvesWhatItWasMadeOf(int n) {
        DMatrixRMaj a = Samples.gram(Samples.gaussian(7, 2 * n, n));
        DMatrixRMaj x = Samples.gaussian(8, n, 5);
        DMatrixRMaj b = Dense.times(a, x);
        DMatrixRMaj unchanged = b.copy();

        DMatrixRMaj solved = PositiveDefinite.factor(a, 0).solve(b);

        for (int i = 0; i < x.getNumElements(); i++) {
            assertThat(solved.data[i]).isCloseTo(x.data[i], within(1e-8));
        }
        assertThat(b.data).containsExactly(unchanged.data);
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 270})
    void invertsTheDiagonal(int n) {
        DMatrixRMaj a = Samples.gram(Samples.gaussian(9, 3 * n, n));
        DMatrixRMaj inverse = new DMatrixRMaj(n, n);
        CommonOps_DDRM.invert(a, inverse);

        double[] diagonal = PositiveDefinite.factor(a, 0).inverseDiagonal();

        for (int i = 0; i < n; i++) {
            assertThat(diagonal[i]).isCloseTo(inverse.get(i, i), within(1e-9));
        }
    }

    @Test
    void growsTheRidgeOfASingularMatrix() {
        DMatrixRMaj singular = Samples.gram(Samples.gaussian(1, 5, 20)); // rank 5

        PositiveDefinite factor = PositiveDefinite.factor(singular, 0);

        assertThat(factor.ridge()).isPositive().isLessThan(1e-6 * PositiveDefinite.meanDiagonal(singular));
    }

    @Test
    void takesTheRidgeAskedForAndTreatsNoDataAsTheIdentity() {
        DMatrixRMaj two = CommonOps_DDRM.diag(2, 2, 2);

        assertThat(PositiveDefinite.factor(two, 0.5).solve(new double[]{3, 6, 9}))
                .containsExactly(new double[]{1, 2, 3}, within(1e-12));
        assertThat(PositiveDefinite.factor(new DMatrixRMaj(2, 2), 1).solve(new double[]{3, 4})).containsExactly(3, 4);
    }

    @Test
    void refusesWhatIsNotANumber() {
        assertThatThrownBy(() -> PositiveDefinite.factor(CommonOps_DDRM.diag(1, Double.NaN), 0))
                .isInstanceOf(ArithmeticException.class).hasMessageContaining("NaN");
    }
}
