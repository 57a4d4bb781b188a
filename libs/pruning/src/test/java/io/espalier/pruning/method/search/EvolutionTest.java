package io.espalier.pruning.method.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.JsonState;
import io.espalier.pruning.method.MethodFixtures;
import io.espalier.pruning.method.random.SerialRandom;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.Target;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvolutionTest {
    private static final ModelShape SHAPE = Shapes.stories();

    @ParameterizedTest
    @CsvSource({"0.8, kv-groups, false", "0.6, kv-groups, false", "0.6, head-dims, false", "0.7, head-dims, true",
        "0.7, kv-groups, true"})
    void everyCandidateIsInRangeAndLegal(double kept, String attention, boolean uniform) {
        SearchSpace space = space(kept, uniform, Map.of("attention", attention, "tolerance", 0.03));
        Evolution evolution = new Evolution(space, options(Map.of()).evolution());
        Evolution.State state = evolution.begin(initial(space), 42);
        for (int generation = 0; generation < 4; generation++) {
            assertThat(state.pending()).hasSizeGreaterThan(uniform ? 3 : 12);
            assertThat(new HashSet<>(state.pending())).hasSameSizeAs(state.pending());
            for (Genome genome : state.pending()) {
                check(space, genome, kept, uniform);
            }
            state = evolution.next(state, values(state, space));
        }
    }

    private static void check(SearchSpace space, Genome genome, double kept, boolean uniform) {
        assertThat(space.parameters(genome)).isBetween(space.least(), space.most());
        assertThat(genome.depth()).isGreaterThanOrEqualTo(space.minDepth());
        if (uniform) {
            assertThat(space.plan(genome).layers().stream().map(LayerPlan::channels).distinct()).hasSize(1);
        }
        if (!space.insideHeads()) {
            assertThat(space.plan(genome).achieved().parameters()).isEqualTo(space.parameters(genome));
            assertThat(space.plan(genome).achieved().share()).isLessThanOrEqualTo(kept);
        }
        for (LayerPlan layer : space.plan(genome).layers()) {
            assertThat(layer.kvGroups()).isPositive();
            if (layer.keptHeadDims() != null) { // rotary pairs together, equally many in every group
                assertThat(layer.keptHeadDims()).allSatisfy(dims -> {
                    assertThat(dims).hasSameSizeAs(layer.keptHeadDims().getFirst()).isSorted();
                    assertThat(dims).allMatch(dim -> dims.contains((dim + 4) % 8));
                });
            }
        }
    }

    /** The value counts dropped channels of odd index: evolution should drop few of them. */
    @Test
    void findsBetterSubnets() {
        SearchSpace space = space(0.8, false, Map.of());
        Evolution evolution = new Evolution(space, options(Map.of("generations", 30)).evolution());
        Evolution.State state = evolution.begin(initial(space), 1);
        double first = values(state, space).getFirst();
        double before = Double.POSITIVE_INFINITY;
        while (!state.isDone()) {
            state = evolution.next(state, values(state, space));
            double best = state.best().getFirst().value();
            assertThat(best).isLessThanOrEqualTo(before);
            before = best;
        }
        assertThat(state.generation()).isEqualTo(30);
        assertThat(before).isLessThan(0.9 * first);
    }

    /** Put down as JSON after every generation, as the coordinator does, and taken up by somebody else. */
    @Test
    void goesOnFromItsStateAsIfNothingHadHappened() {
        SearchSpace space = space(0.8, false, Map.of());
        Evolution evolution = new Evolution(space, options(Map.of()).evolution());
        Evolution.State through = evolution.begin(initial(space), 7);
        Evolution.State resumed = through;
        for (int generation = 0; generation < 3; generation++) {
            through = evolution.next(through, values(through, space));
            resumed = new Evolution(space(0.8, false, Map.of()), options(Map.of()).evolution())
                    .next(JsonState.read(JsonState.write(resumed), Evolution.State.class), values(resumed, space));
        }
        assertThat(resumed).isEqualTo(through);
        assertThat(evolution.begin(initial(space), 8).pending()).isNotEqualTo(evolution.begin(initial(space), 7)
                .pending());
    }

    @Test
    void startsFromTheMostImportantUnits() {
        SearchSpace space = space(0.8, false, Map.of());
        Statistics statistics = new Statistics();
        for (int layer = 0; layer < 5; layer++) {
            double[] dims = new double[32];
            Arrays.fill(dims, 8, 16, -1); // group 1
            statistics.add(InitialSubnet.attention(layer), dims);
            double[] channels = new double[172];
            Arrays.setAll(channels, i -> i);
            statistics.add(InitialSubnet.channels(layer), channels);
        }
        Genome genome = new InitialSubnet(space, statistics).create();

        LayerPlan layer = space.plan(genome).layers().getFirst();
        assertThat(layer.keptKvGroups()).isSubsetOf(0, 2, 3);
        assertThat(layer.keptChannels().getLast()).isEqualTo(171);
        assertThat(layer.keptChannels().getFirst()).isEqualTo(172 - layer.channels());
        assertThat(space.contains(genome)).isTrue();
    }

    @Test
    void refusesAnUnreachableTarget() {
        assertThatThrownBy(() -> initial(space(0.13, false, Map.of()))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be reached");
    }

    private static Genome initial(SearchSpace space) {
        SerialRandom random = new SerialRandom(5);
        Statistics statistics = new Statistics();
        for (int layer = 0; layer < 5; layer++) {
            statistics.add(InitialSubnet.attention(layer), random.doubles(32).toArray());
            statistics.add(InitialSubnet.channels(layer), random.doubles(172).toArray());
        }
        return new InitialSubnet(space, statistics).create();
    }

    private static List<Double> values(Evolution.State state, SearchSpace space) {
        return state.pending().stream().map(genome -> genome.genes().stream()
                .mapToDouble(gene -> 86 - Arrays.stream(gene.channels().indices()).filter(i -> i % 2 == 1).count())
                .sum()).toList();
    }

    private static SearchOptions options(Map<String, Object> more) {
        Map<String, Object> options = new HashMap<>(Map.of("population", 20, "mutants", 8, "crossovers", 6,
                "survivors", 5, "generations", 10));
        options.putAll(more);
        return new SearchOptions(MethodFixtures.options("search", options));
    }

    private static SearchSpace space(double kept, boolean uniform, Map<String, Object> options) {
        return options(options).space(SHAPE, new PruningGoal(new Target.Share(kept), LayerRanges.all(5),
                Constraints.of(1, uniform)));
    }
}
