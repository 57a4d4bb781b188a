package io.espalier.pruning.method.measure;

import static io.espalier.pruning.method.MethodFixtures.GOLDEN;
import static io.espalier.pruning.method.MethodFixtures.SHAPE;
import static io.espalier.pruning.method.MethodFixtures.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.pruning.Fixtures;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.Objective;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
    private static final List<Integer> ALL_GROUPS = List.of(0, 1, 2, 3);
    private static final List<Integer> ALL_CHANNELS = IntStream.range(0, 172).boxed().toList();
    private static final PruningPlan WHOLE = plan(5, ALL_GROUPS, ALL_CHANNELS);
    /** The plan of tools/golden/methods.py. */
    private static final PruningPlan PRUNED = plan(5, List.of(0, 2, 3),
            IntStream.range(0, 172).filter(i -> i % 3 != 0).boxed().toList());
    private final double[] golden = Fixtures.matrix(GOLDEN, "measured")[0];

    @Test
    void perplexityEqualsPython() throws Exception {
        double[] values = candidates(4).measure(Objective.PERPLEXITY, List.of(WHOLE, PRUNED));

        assertThat(values[0]).isBetween(1.0, 10.0);
        assertThat(values[1]).isCloseTo(golden[0], within(1e-4 * golden[0]));
    }

    @Test
    void divergenceEqualsPython() throws Exception {
        double[] values = candidates(4).measure(Objective.KL_DIVERGENCE, List.of(WHOLE, PRUNED));

        assertThat(values[0]).isCloseTo(0, within(1e-9));
        assertThat(values[1]).isCloseTo(golden[1], within(1e-4 * golden[1]));
    }

    @Test
    void aValueDoesNotDependOnItsCompany() throws Exception {
        PruningPlan shallow = plan(4, ALL_GROUPS, ALL_CHANNELS);
        for (Objective objective : Objective.values()) {
            double[] together = candidates(4).measure(objective, List.of(PRUNED, shallow, WHOLE));

            assertThat(candidates(4).measure(objective, List.of(shallow))[0]).isEqualTo(together[1]);
            assertThat(candidates(4).measure(objective, List.of(PRUNED))[0]).isEqualTo(together[0]);
            assertThat(together[1]).isGreaterThan(together[2]);
        }
    }

    /** Dimensions 0..7 of a head are the pairs (0,4) (1,5) (2,6) (3,7). */
    @Test
    void dimensionsInsideHeadsCanGo() throws Exception {
        List<Integer> pairs = List.of(0, 2, 3, 4, 6, 7);
        List<List<Integer>> dims = List.of(pairs, pairs, pairs, pairs);
        PruningPlan inside = PruningPlan.of(SHAPE,
                WHOLE.layers().stream().map(layer -> layer.withHeadDims(dims)).toList(), null);
        List<Integer> all = List.of(0, 1, 2, 3, 4, 5, 6, 7);
        PruningPlan none = PruningPlan.of(SHAPE,
                WHOLE.layers().stream().map(layer -> layer.withHeadDims(List.of(all, all, all, all))).toList(), null);

        double[] values = candidates(4).measure(Objective.PERPLEXITY, List.of(WHOLE, none, inside));

        assertThat(values[1]).isEqualTo(values[0]);
        assertThat(values[2]).isGreaterThan(values[0]);
    }

    private static Candidates candidates(int microBatch) {
        return new Candidates(Fixtures.STORIES, Compute.STREAMED, TOKENS, microBatch, Progress.NONE);
    }

    private static PruningPlan plan(int layers, List<Integer> groups, List<Integer> channels) {
        return PruningPlan.of(SHAPE, IntStream.range(0, layers)
                .mapToObj(layer -> LayerPlan.of(layer, 2, groups, channels)).toList(), null);
    }
}
