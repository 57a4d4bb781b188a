package io.espalier.pruning.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.GlobalSelector.Key;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GlobalSelectorTest {
    private static final Set<UnitType> BOTH = EnumSet.of(UnitType.ATTENTION, UnitType.MLP);
    /** Two layers of two heads and three channels: ten units in all. */
    private static final ModelShape SMALL = Shapes.llama(12, 2, 10, true, 2, new LayerShape(2, 2, 3));
    private static final Constraints LOOSE = new Constraints(1, 1, 1, false);

    @Property
    void greedyIsTheShortestPrefixThatFitsLessTheChannelsThatNeedNotGo(
            @ForAll @Size(10) List<@IntRange(min = 1, max = 6) Integer> drawn,
            @ForAll @IntRange(min = 0, max = 400) int budget) {
        GlobalSelector selector = selector(SMALL, Key.NONE, LOOSE);
        long target = SMALL.parameters() - budget;
        Assume.that(target >= selector.least());
        double[] s = drawn.stream().mapToDouble(Integer::doubleValue).toArray();
        PruningPlan plan = selector.selectParameters(scores(s), target);

        assertThat(plan.achieved().parameters()).isEqualTo(bruteForce(s, target));
        assertThat(plan.achieved().parameters()).isLessThanOrEqualTo(target);
    }

    /** Written without the class under test: walks the ten units in order of (score, layer, type, index). */
    private static long bruteForce(double[] s, long target) {
        List<Integer> order = IntStream.range(0, 10).boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> s[i]).thenComparing(i -> i)).toList();
        int[] left = {2, 3, 2, 3};
        long parameters = SMALL.parameters();
        for (int unit : order) {
            int module = new int[]{0, 0, 1, 1, 1, 2, 2, 3, 3, 3}[unit];
            if (parameters > target && left[module] > 1) {
                left[module]--;
                parameters -= module % 2 == 0 ? 4 * 2 * 12 : 3 * 12;
            }
        }
        int removed = 6 - left[1] - left[3];
        return parameters + 36 * Math.min(removed, Math.max(0, (target - parameters) / 36));
    }

    @Test
    void channelsComeBackThatTheLastKvGroupMadeNeedless() {
        double[] s = {3, 50, 1, 2, 100, 50, 50, 100, 100, 100}; // two channels, then a group: 168 of 100
        PruningPlan plan = selector(SMALL, Key.NONE, LOOSE).selectParameters(scores(s), SMALL.parameters() - 100);
        assertThat(SMALL.parameters() - plan.achieved().parameters()).isEqualTo(96 + 36);
        assertThat(plan.layers().getFirst().keptChannels()).containsExactly(1, 2);
    }

    @Test
    void neverEmptiesAModule() {
        double[] s = {1, 2, 100, 101, 102, 3, 4, 103, 104, 105}; // all heads come first
        PruningPlan plan = selector(SMALL, Key.NONE, LOOSE).selectParameters(scores(s),
                SMALL.parameters() - 2L * (4 * 2 * 12) - 36);
        assertThat(plan.layers()).allSatisfy(layer -> assertThat(layer.kvGroups()).isEqualTo(1));
        assertThat(plan.layers().getFirst().keptKvGroups()).containsExactly(1);
    }

    @Test
    void blockMeanLetsSmallScalesAndLargeScalesShareOneList() {
        double[] s = {1000, 3000, 1, 2, 3, 10, 30, 1e-3, 2e-3, 3e-3};
        Selection selection = new Selection(SMALL);
        selector(SMALL, Key.BLOCK_MEAN, LOOSE).selectUnits(selection, scores(s), 4);
        PruningPlan plan = selection.toPlan();
        assertThat(plan.layers()).allSatisfy(layer -> {
            assertThat(layer.keptKvGroups()).containsExactly(1);
            assertThat(layer.keptChannels()).containsExactly(1, 2);
        });
        Selection plain = new Selection(SMALL);
        selector(SMALL, Key.NONE, LOOSE).selectUnits(plain, scores(s), 4);
        assertThat(plain.toPlan().layers()).allSatisfy(layer -> assertThat(layer.kvGroups()).isEqualTo(2));
    }

    @Test
    void perParameterDividesByWhatAUnitWeighs() {
        double[] s = {95, 400, 36, 400, 400, 400, 400, 400, 400, 400}; // 95 / 96 < 36 / 36
        Selection selection = new Selection(SMALL);
        selector(SMALL, Key.PER_PARAM, LOOSE).selectUnits(selection, scores(s), 1);
        assertThat(selection.toPlan().layers().getFirst().keptKvGroups()).containsExactly(1);
        assertThat(selection.removedCost()).isEqualTo(96);
    }

    @Property(tries = 60)
    void alignedWidthsMeetTheBudgetWithinOneBundle(@ForAll @IntRange(min = 45, max = 99) int percent,
            @ForAll long seed) {
        ModelShape shape = Shapes.stories();
        GlobalSelector selector = selector(shape, Key.BLOCK_MEAN, Constraints.of(8, false));
        long budget = shape.parameters() * percent / 100;
        PruningPlan plan = selector.selectParameters(LocalSelectorTest.scores(shape, seed), budget);
        assertThat(plan.layers())
                .allSatisfy(layer -> assertThat(layer.channels() % 8 == 0 || layer.channels() == 172).isTrue());
        assertThat(plan.achieved().parameters()).isLessThanOrEqualTo(budget);
        long step = 8 * shape.channelCost();
        assertThat(budget - plan.achieved().parameters()).isLessThanOrEqualTo(step);
    }

    @Property(tries = 30)
    void theOrderOfTypesInTheSetDoesNotMatter(@ForAll long seed) {
        ModelShape shape = Shapes.stories();
        UnitScores scores = LocalSelectorTest.scores(shape, seed);
        long budget = shape.parameters() * 7 / 10;
        var reversed = new java.util.LinkedHashSet<>(List.of(UnitType.MLP, UnitType.ATTENTION));
        assertThat(new GlobalSelector(shape, reversed, Key.NONE, LayerRanges.all(5), LOOSE)
                .selectParameters(scores, budget))
                .isEqualTo(selector(shape, Key.NONE, LOOSE).selectParameters(scores, budget));
    }

    @Test
    void refusesWhatTheMinimumsForbid() {
        GlobalSelector selector = selector(Shapes.stories(), Key.NONE, Constraints.DEFAULT);
        assertThatThrownBy(() -> selector.selectParameters(new UnitScores(), 1000))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(Long.toString(selector.least()));
    }

    private static GlobalSelector selector(ModelShape shape, Key key, Constraints constraints) {
        return new GlobalSelector(shape, BOTH, key, LayerRanges.all(shape.layers().size()), constraints);
    }

    /** Layer 0 attention, layer 0 MLP, layer 1 attention, layer 1 MLP. */
    private static UnitScores scores(double[] s) {
        return new UnitScores().put(UnitType.ATTENTION, 0, Arrays.copyOfRange(s, 0, 2))
                .put(UnitType.MLP, 0, Arrays.copyOfRange(s, 2, 5))
                .put(UnitType.ATTENTION, 1, Arrays.copyOfRange(s, 5, 7))
                .put(UnitType.MLP, 1, Arrays.copyOfRange(s, 7, 10));
    }
}
