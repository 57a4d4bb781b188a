package io.espalier.pruning.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.latency.LatencyTable.Phase;
import io.espalier.pruning.latency.LatencyTable.Timing;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyModelTest {
    private static final ModelShape LLAMA = Shapes.llama7b();
    private static final Offset<Double> EXACT = within(1e-9);

    /** Two times the same model: once prefill, once decode with other terms. */
    @ParameterizedTest
    @CsvSource({"9, 0.4, 0.07, 0.0003", "0, 0.4, 0.07, 0.0003", "9, 0, 0.07, 0", "0, 0, 0, 0.0003"})
    void recoversTheTermsThatTimesAreMadeOf(double base, double layer, double kvGroup, double channel) {
        LatencyTable table = table(LLAMA, widths -> base + layer * widths.layers() + kvGroup * widths.kvGroups()
                + channel * widths.channels());
        LatencyModel model = LatencyModel.fit(table, Phase.PREFILL);
        assertThat(model.base()).isCloseTo(base, within(1e-6));
        assertThat(model.layer()).isCloseTo(layer, within(1e-7));
        assertThat(model.kvGroup()).isCloseTo(kvGroup, EXACT);
        assertThat(model.channel()).isCloseTo(channel, EXACT);
        assertThat(model.largestError()).isCloseTo(0, within(1e-9));
        assertThat(LatencyModel.fit(table, Phase.DECODE).predict(Widths.of(LLAMA))).isCloseTo(0.5 * model.predict(
                Widths.of(LLAMA)), within(1e-6));
    }

    /** Noise of 3 % in every time leaves what is predicted between the variants within 5 %. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noisyTimesStillPredict(long seed) {
        Random random = new Random(seed);
        ToDoubleFunction<Widths> truth = widths -> 9 + 0.4 * widths.layers() + 0.07 * widths.kvGroups()
                + 0.0003 * widths.channels();
        LatencyModel model = LatencyModel.fit(table(LLAMA, widths -> truth.applyAsDouble(widths) * (1 + 0.03 * (2
                * random.nextDouble() - 1))), Phase.PREFILL);
        Widths between = new Widths(32, 700, 250_000);
        assertThat(model.predict(between)).isCloseTo(truth.applyAsDouble(between), within(0.05 * truth.applyAsDouble(
                between)));
        assertThat(model.largestError()).isBetween(0.0, 0.07);
        assertThat(model.base()).isNotNegative();
        assertThat(model.layer()).isNotNegative();
        assertThat(model.kvGroup()).isNotNegative();
        assertThat(model.channel()).isNotNegative();
    }

    /** Channels that seem to cost less than nothing cost nothing, and the others take their part. */
    @Test
    void noTermIsNegative() {
        LatencyModel model = LatencyModel.fit(table(LLAMA, widths -> 100 + 0.07 * widths.kvGroups() - 1e-5 * widths
                .channels()), Phase.PREFILL);
        assertThat(model.channel()).isZero();
        assertThat(model.kvGroup()).isPositive();
        assertThat(model.base()).isNotNegative();
    }

    /** One layer cannot be told from what stands around it. */
    @Test
    void aModelOfOneLayerIsPredictedToo() {
        ModelShape one = LLAMA.withLayers(LLAMA.layers().subList(0, 1));
        LatencyModel model = LatencyModel.fit(table(one, widths -> 9.4 + 0.07 * widths.kvGroups() + 0.0003 * widths
                .channels()), Phase.PREFILL);
        assertThat(model.predict(new Widths(1, 16, 8000))).isCloseTo(9.4 + 1.12 + 2.4, within(1e-6));
        assertThat(model.base() + model.layer()).isCloseTo(9.4, within(1e-6));
    }

    @Test
    void tooFewVariantsAreRefused() {
        LatencyTable table = table(LLAMA, _ -> 1);
        assertThatThrownBy(() -> LatencyModel.fit(new LatencyTable("cpu", 1, 64, 32, 9, table.variants().subList(0, 3)),
                Phase.PREFILL)).hasMessageContaining("3 timed variants");
    }

    /** Of half the model, or as many layers as fit: at least two. */
    @Test
    void aLargeModelIsRepresentedByItsFirstLayers() {
        long bytes = 4 * LLAMA.parameters();
        assertThat(TimedVariants.of(LLAMA, 8 * bytes).getFirst().layers()).hasSize(32);
        assertThat(TimedVariants.of(LLAMA, 2 * bytes).getFirst().layers()).hasSize(8);
        assertThat(TimedVariants.of(LLAMA, 0).getFirst().layers()).hasSize(2);
        assertThat(TimedVariants.of(LLAMA, 0)).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void headsThatLostDimensionsCountByWhatIsLeft() {
        var whole = Shapes.stories();
        var half = whole.withLayer(0, new LayerShape(8, 4, 172, Collections.nCopies(
                4, List.of(0, 1, 2, 3))));
        assertThat(Widths.of(whole)).isEqualTo(new Widths(5, 20, 860));
        assertThat(Widths.of(half)).isEqualTo(new Widths(5, 18, 860));
    }

    /** Times of the variants that would be timed; a token takes half of the prompt. */
    static LatencyTable table(ModelShape shape, ToDoubleFunction<Widths> millis) {
        return new LatencyTable("cpu", 2, 64, 32, 9, TimedVariants.of(shape, Long.MAX_VALUE).stream().map(plan -> {
            Widths widths = Widths.of(plan.shape(shape));
            double time = millis.applyAsDouble(widths);
            return new LatencyTable.Variant(widths, timing(time), timing(time / 2));
        }).toList());
    }

    private static Timing timing(double millis) {
        return new Timing(millis, 0.95 * millis, 1.05 * millis);
    }
}
