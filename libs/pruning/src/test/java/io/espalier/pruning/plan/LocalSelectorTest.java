package io.espalier.pruning.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.LayerRanges.Range;
import io.espalier.pruning.plan.LocalSelector.Ratios;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class LocalSelectorTest {
    private static final LayerRanges FROM_4_TO_29 = new LayerRanges(new Range(4, 29), new Range(4, 29));

    @Test
    void reachesTheParameterCountsOfThePapers() {
        assertThat(parameters(Shapes.llama7b(), 0.25, 4, 29)).isEqualTo(5_422_977_024L);
        assertThat(parameters(Shapes.llama3With8b(), 0.25, 4, 29)).isEqualTo(6_612_586_496L);
        assertThat(parameters(Shapes.llama7b(), 0.6, 3, 30)).isEqualTo(3_350_188_032L);
        assertThat(parameters(Shapes.llama7b(), 0.6, 3, 29)).isEqualTo(3_471_196_160L);
    }

    @Test
    void aQuarterOfTheGroupsIsEightHeadsAnd2752Channels() {
        var selector = local(Shapes.llama7b(), FROM_4_TO_29);
        assertThat(selector.kept(UnitType.ATTENTION, 4, 0.25)).isEqualTo(32 - 8);
        assertThat(selector.kept(UnitType.MLP, 29, 0.25)).isEqualTo(11008 - 2752);
        assertThat(selector.kept(UnitType.MLP, 30, 0.25)).isEqualTo(11008);
    }

    @Test
    void keepsTheHighestScoresAndBreaksTiesByIndex() {
        ModelShape shape = Shapes.llama(8, 2, 10, true, 1, new LayerShape(4, 4, 6));
        var scores = new UnitScores().put(UnitType.ATTENTION, 0, 3, 1, 1, 1)
                .put(UnitType.MLP, 0, 0.5, 0.5, 9, 0.5, 9, 0.5);
        LayerPlan plan = local(shape, LayerRanges.all(1)).select(scores, equal(0.5)).layers().getFirst();
        assertThat(plan.keptKvGroups()).containsExactly(0, 3);
        assertThat(plan.keptChannels()).containsExactly(2, 4, 5);
    }

    @Test
    void composedStepsMeetTheSameCountsAsOneStep() {
        ModelShape shape = Shapes.stories();
        LayerRanges all = LayerRanges.all(5);
        PruningPlan plan = local(shape, all).select(scores(shape, 1), equal(0.25));
        PruningPlan next = new LocalSelector(shape, plan.shape(shape), all, Constraints.DEFAULT)
                .select(scores(plan.shape(shape), 2), equal(0.5)).after(plan, shape);
        assertThat(next.achieved()).isEqualTo(local(shape, all).select(scores(shape, 1), equal(0.5)).achieved());
        for (int layer = 0; layer < 5; layer++) {
            assertThat(plan.layers().get(layer).keptChannels()).containsAll(next.layers().get(layer).keptChannels());
        }
    }

    @Property(tries = 200)
    void aShareIsMetWithinOneChannelPerLayer(@ForAll @DoubleRange(min = 0.3, max = 1) double share) {
        ModelShape shape = Shapes.stories();
        var selector = local(shape, LayerRanges.all(5));
        long budget = new Target.Share(share).budget(shape);
        Ratios ratios = selector.ratios(new Target.Share(share));
        long achieved = selector.select(scores(shape, 3), ratios).achieved().parameters();
        assertThat(achieved).isEqualTo(selector.parameters(ratios)).isLessThanOrEqualTo(budget)
                .isGreaterThan(budget - 5 * shape.channelCost());
        assertThat(ratios.mlp()).isLessThanOrEqualTo(ratios.attention());
        if (ratios.mlp() > 0) {
            var less = new Ratios(ratios.attention(), Math.nextDown(ratios.mlp()));
            assertThat(selector.parameters(less)).isGreaterThan(budget);
        }
    }

    @Test
    void aShareOfRealModelsIsMetClosely() {
        ModelShape shape = Shapes.llama7b();
        var selector = local(shape, FROM_4_TO_29);
        long achieved = selector.parameters(selector.ratios(new Target.Share(0.9)));
        assertThat(achieved / (double) shape.parameters()).isLessThanOrEqualTo(0.9).isCloseTo(0.9, within(0.0001));
    }

    @Test
    void roundsWidthsUpToTheMultiple() {
        ModelShape shape = Shapes.stories();
        var selector = new LocalSelector(shape, shape, LayerRanges.all(5), Constraints.of(8, false));
        assertThat(selector.kept(UnitType.MLP, 0, 0.25)).isEqualTo(136); // int(129) up
        assertThat(selector.kept(UnitType.MLP, 0, 0)).isEqualTo(172);
    }

    @Test
    void refusesWhatCannotBeReached() {
        var selector = local(Shapes.llama7b(), FROM_4_TO_29);
        assertThatThrownBy(() -> selector.ratios(new Target.Share(0.01))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least").hasMessageContaining("layers.mlp");
    }

    private static long parameters(ModelShape shape, double ratio, int first, int last) {
        var range = new Range(first, last);
        return local(shape, new LayerRanges(range, range)).parameters(equal(ratio));
    }

    private static LocalSelector local(ModelShape shape, LayerRanges layers) {
        return new LocalSelector(shape, shape, layers, Constraints.DEFAULT);
    }

    private static Ratios equal(double ratio) {
        return new Ratios(ratio, ratio);
    }

    static UnitScores scores(ModelShape shape, long seed) {
        var random = new java.util.Random(seed);
        var scores = new UnitScores();
        List<LayerShape> layers = shape.layers();
        IntStream.range(0, layers.size()).forEach(layer -> scores
                .put(UnitType.ATTENTION, layer, random.doubles(layers.get(layer).kvHeads()).toArray())
                .put(UnitType.MLP, layer, random.doubles(layers.get(layer).channels()).toArray()));
        return scores;
    }
}
