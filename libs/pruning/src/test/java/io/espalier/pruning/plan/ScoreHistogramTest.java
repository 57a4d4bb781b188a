package io.espalier.pruning.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.pruning.group.UnitType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreHistogramTest {
    private static final PruningPlan KEEPS_TWO_OF_FOUR = plan(List.of(1, 3));

    private static PruningPlan plan(List<Integer> channels) {
        return new PruningPlan(List.of(LayerPlan.of(0, 1, List.of(0), channels)), null,
                new PruningPlan.Achieved(1, 0.5));
    }

    @Test
    void everyUnitIsCountedOnceWhereItsScoreLies() {
        UnitScores scores = new UnitScores().put(UnitType.MLP, 0, 1e-3, 10, 1e-3, 1);
        ScoreHistogram histogram = ScoreHistogram.of(scores, UnitType.MLP, KEEPS_TWO_OF_FOUR, null).orElseThrow();
        assertThat(histogram.log()).isTrue();
        assertThat(histogram.edges().getFirst()).isCloseTo(1e-3, within(1e-12));
        assertThat(histogram.edges().getLast()).isCloseTo(10, within(1e-9));
        assertThat(histogram.removed().getFirst()).isEqualTo(2);
        assertThat(histogram.removed().stream().mapToInt(n -> n).sum()).isEqualTo(2);
        assertThat(histogram.kept().getLast()).isEqualTo(1);
        // 1 lies three quarters of the way from 1e-3 to 10.
        assertThat(histogram.kept().subList(17, 19).stream().mapToInt(n -> n).sum()).isEqualTo(1);
    }

    @Test
    void zerosLieInTheLowestBinAndNegativeScoresMakeTheAxisLinear() {
        UnitScores zeros = new UnitScores().put(UnitType.MLP, 0, 0, 2, 0, 4);
        assertThat(of(zeros).removed().getFirst()).isEqualTo(2);
        UnitScores negative = new UnitScores().put(UnitType.MLP, 0, -2, 2, -1, 4);
        ScoreHistogram histogram = of(negative);
        assertThat(histogram.log()).isFalse();
        assertThat(histogram.edges().getFirst()).isEqualTo(-2);
        assertThat(histogram.edges().getLast()).isCloseTo(4, within(1e-12));
    }

    @Test
    void equalAndInfiniteScoresHaveABinToo() {
        assertThat(total(of(new UnitScores().put(UnitType.MLP, 0, 5, 5, 5, 5)))).isEqualTo(4);
        assertThat(total(of(new UnitScores().put(UnitType.MLP, 0, 1, Double.POSITIVE_INFINITY, 2, 3)))).isEqualTo(4);
        assertThat(total(of(new UnitScores().put(UnitType.MLP, 0, 0, 0, 0, 0)))).isEqualTo(4);
    }

    @Test
    void afterAnEarlierStepUnitsAreFoundUnderTheirOriginalNumbers() {
        PruningPlan previous = plan(List.of(1, 2, 3));
        UnitScores scores = new UnitScores().put(UnitType.MLP, 0, 7, 1, 9); // of 1, 2 and 3
        ScoreHistogram histogram = ScoreHistogram.of(scores, UnitType.MLP, KEEPS_TWO_OF_FOUR, previous).orElseThrow();
        assertThat(histogram.removed().getFirst()).isEqualTo(1);
        assertThat(histogram.kept().stream().mapToInt(n -> n).sum()).isEqualTo(2);
    }

    @Test
    void whatWasNotScoredHasNone() {
        assertThat(ScoreHistogram.of(new UnitScores(), UnitType.ATTENTION, KEEPS_TWO_OF_FOUR, null)).isEmpty();
    }

    private static ScoreHistogram of(UnitScores scores) {
        return ScoreHistogram.of(scores, UnitType.MLP, KEEPS_TWO_OF_FOUR, null).orElseThrow();
    }

    private static int total(ScoreHistogram histogram) {
        return histogram.kept().stream().mapToInt(n -> n).sum()
                + histogram.removed().stream().mapToInt(n -> n).sum();
    }
}
