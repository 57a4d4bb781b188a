package io.espalier.pruning.method.adapruner;

import static io.espalier.pruning.method.MethodFixtures.GOLDEN;
import static io.espalier.pruning.method.MethodFixtures.SHAPE;
import static io.espalier.pruning.method.MethodFixtures.assertClose;
import static io.espalier.pruning.method.MethodFixtures.options;
import static io.espalier.pruning.method.MethodFixtures.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.model.config.Role;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.UnitScores;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolPassTest {
    private static final MethodOptions OPTIONS = options("adapruner", Map.of("subsetSize", 10));

    @Test
    void rowsEqualPython() throws Exception {
        Statistics statistics = score(OPTIONS);
        for (int sample : new int[]{0, 9}) {
            for (UnitType type : PoolPass.TYPES) {
                for (Role role : PoolRows.members(type)) {
                    for (String kind : List.of("signed", "absolute", "squares")) {
                        String golden = "adapruner." + sample + "." + role.name().toLowerCase(Locale.ROOT) + "." + kind;
                        assertClose(statistics.get(PoolRows.name(kind, sample, 3, role)),
                                Fixtures.matrix(GOLDEN, golden)[0], kind.equals("signed") ? 2e-3 : 1e-4);
                    }
                }
            }
        }
    }

    /** The first subset is the whole golden batch here: LLM-Pruner's own scores, from importance.py. */
    @Test
    void trialsZeroAndOneAreLlmPrunersCriteria() throws Exception {
        Statistics statistics = score(OPTIONS);
        for (Literal literal : Literal.values()) {
            UnitScores scores = literal.scores(SHAPE, LayerRanges.all(5), statistics);
            String criterion = literal.name().toLowerCase(Locale.ROOT);
            for (int layer = 0; layer < 5; layer++) {
                assertClose(scores.of(UnitType.MLP, layer),
                        Fixtures.matrix(Fixtures.IMPORTANCE, "mlp." + criterion + ".sum")[layer], 1e-4);
                assertClose(scores.of(UnitType.ATTENTION, layer), Fixtures.matrix(Fixtures.IMPORTANCE,
                        "attention." + criterion + ".sum.contiguous")[layer], 1e-4);
            }
        }
    }

    @Test
    void samplesMayBeScoredByDifferentTasks() throws Exception {
        MethodOptions options = options("adapruner", Map.of("subsetSize", 3));
        Statistics whole = score(options);
        Statistics merged = Statistics.merge(List.of(score(options, 0, 4, 0, 5), score(options, 4, 10, 0, 5)));

        assertThat(merged.names()).isEqualTo(whole.names());
        for (String name : whole.names()) {
            assertThat(merged.get(name)).as(name).containsExactly(whole.get(name));
        }
        assertThatThrownBy(() -> score(options, 0, 2, 0, 5)).hasMessageContaining("first 3 samples");
    }

    /** c1 of all samples is LLM-Pruner's vectorize, c3 half its param_second. */
    @Test
    void basesAreTheTaylorTermsOfLlmPruner() throws Exception {
        PoolRows rows = new PoolRows(score(OPTIONS));
        int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        for (int layer = 0; layer < 5; layer++) {
            Basis mlp = Basis.of(rows, all, layer, UnitType.MLP, 172, Basis.Reduction.SUM);
            assertClose(mlp.metrics()[0], Fixtures.matrix(Fixtures.IMPORTANCE, "mlp.vectorize.sum")[layer], 2e-3);
            assertClose(doubled(mlp.metrics()[2]),
                    Fixtures.matrix(Fixtures.IMPORTANCE, "mlp.param_second.sum")[layer], 1e-4);
            Basis attention = Basis.of(rows, all, layer, UnitType.ATTENTION, 4, Basis.Reduction.SUM);
            assertClose(doubled(attention.metrics()[2]),
                    Fixtures.matrix(Fixtures.IMPORTANCE, "attention.param_second.sum.contiguous")[layer], 1e-4);
        }
    }

    private static double[] doubled(double[] values) {
        return Arrays.stream(values).map(v -> 2 * v).toArray();
    }
}
