package io.espalier.pruning.method.nirvana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllocationTest {
    /** Counts of the released code's formula before rounding to multiples of 8; gamma as in its scripts. */
    @ParameterizedTest
    @CsvSource({"0.2, 17, 106078", "0.4, 35, 212157", "0.5, 44, 265197"})
    void llama31With8bLosesTheseUnits(double sparsity, long groups, long neurons) {
        Allocation allocation = counts(Shapes.llama3With8b(), sparsity, 3.36).allocation();

        assertThat(allocation).isEqualTo(new Allocation(groups, neurons));
    }

    @Test
    void llama32With3bLosesTheseUnits() {
        ModelShape shape = Shapes.llama(3072, 128, 128256, true, 28, new LayerShape(24, 8, 8192));

        assertThat(counts(shape, 0.5, 3.0).allocation()).isEqualTo(new Allocation(44, 137_625));
    }

    @Test
    void gammaIsTheRatioOfTheRates() {
        Allocation allocation = counts(Shapes.llama3With8b(), 0.3, 2).allocation();
        double attention = allocation.groups() / 256.0;
        double mlp = allocation.neurons() / 458_752.0;

        assertThat(mlp / attention).isCloseTo(2, within(0.1));
        assertThat((attention * 10_240 + mlp * 43_008) / (10_240 + 43_008)).isCloseTo(0.3, within(0.005));
    }

    /** For Llama-3.2-3B that ratio is 3, the value that the released script uses. */
    @Test
    void withoutGammaTheRatesAreAsTheWeights() {
        ModelShape shape = Shapes.llama(3072, 128, 128256, true, 28, new LayerShape(24, 8, 8192));

        assertThat(counts(shape, 0.5, Double.NaN).allocation()).isEqualTo(counts(shape, 0.5, 3).allocation());
    }

    private static GlobalCounts counts(ModelShape shape, double sparsity, double gamma) {
        return new GlobalCounts(shape, new PruningGoal(new Target.Groups(sparsity),
                LayerRanges.all(shape.layers().size()), Constraints.DEFAULT), gamma);
    }
}
