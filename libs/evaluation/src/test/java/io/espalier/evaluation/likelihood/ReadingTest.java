package io.espalier.evaluation.likelihood;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.model.forward.Branches;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadingTest {
    @Test
    void readsACommonInputOnce() {
        List<Reading> readings = Reading.of(List.of(span(1, 7, 8, 2), span(1, 7, 8, 3), span(3, 7, 8, 2, 5, 6), span(
                1, 9, 9)), Sharing.NONE);

        assertThat(readings).extracting(Reading::input).containsExactly(new int[]{7, 8, 2, 5}, new int[]{9});
        assertThat(readings.getFirst().parts()).usingRecursiveFieldByFieldElementComparator()
                .containsExactlyInAnyOrder(new Reading.Part(0, 0, 1, new int[]{2}),
                        new Reading.Part(1, 0, 1, new int[]{3}),
                        new Reading.Part(2, 0, 1, new int[]{2, 5, 6}));
    }

    @Test
    void cutsWavesAndMicroBatchesAtTheirLimits() {
        List<Reading> readings = Reading.of(List.of(span(1, new int[40]), filled(18, 1), filled(18, 2), filled(18,
                3)), Sharing.NONE);
        // lengths 39 -> 48, 17 -> 32; d = 2: 384 and 256 bytes each
        List<Wave> waves = Wave.of(readings, new Limits(64, 384 + 2 * 256), 2, 512);

        assertThat(waves).hasSize(2);
        assertThat(waves.get(0).lengths()).containsExactly(48, 32);
        assertThat(waves.get(0).batches().get(1)).hasSize(2);
        assertThat(waves.get(1).batches()).hasSize(1);
        assertThat(waves.get(0).microBatches().get(1)[0]).hasSize(32);
        assertThat(Wave.of(readings, new Limits(64, 1), 2, 39).getFirst().lengths()).containsExactly(39);
    }

    /** Two questions of two choices each: 20 tokens that they have in common are read once, the last input token differs. */
    @Test
    void choicesOfAQuestionBranchBehindWhatTheyHaveInCommon() {
        List<Span> spans = List.of(choice(1, 5, 6, 7), choice(2, 5, 6, 7), choice(1, 8, 9), choice(2, 8, 9));
        List<Reading> readings = Reading.of(spans, new Sharing(100, 1, 0));

        assertThat(readings).hasSize(2);
        Reading first = readings.getFirst(); // descending: the choice 8 9 before 5 6 7
        assertThat(first.branches()).isEqualTo(new Branches(20, List.of(21, 23)));
        assertThat(Arrays.copyOfRange(first.input(), 19, 23)).containsExactly(2, 8, 5, 6);
        assertThat(first.parts()).extracting(Reading.Part::span).containsExactly(3, 1);
        Reading.Part last = first.parts().getLast();
        assertThat(last.targets()).containsExactly(5, 6, 7);
        // the stem's last token predicts the first target, then come those of the second branch
        assertThat(IntStream.range(0, 3).map(t -> first.row(last, t))).containsExactly(19, 21, 22);
    }

    @Test
    void nothingIsSharedThatSavesLittleOrGrowsTooLong() {
        List<Span> spans = List.of(choice(1, 5, 6, 7), choice(1, 8, 9));
        assertThat(Reading.of(spans, new Sharing(22, 1, 0))).hasSize(2).extracting(Reading::branches)
                .containsOnlyNulls();
        assertThat(Reading.of(spans, Sharing.NONE)).hasSize(2);
        assertThat(Reading.of(spans, new Sharing(100, 1, 1))).as("attention would take more than the tokens save")
                .hasSize(2);
        assertThat(Reading.of(List.of(span(1, 7, 7, 1, 1), span(1, 7, 7, 2, 1)), new Sharing(100, 1, 0))).hasSize(2);
    }

    /** A context of twenty tokens. */
    private static Span choice(int question, int... continuation) {
        int[] tokens = new int[20 + continuation.length];
        Arrays.fill(tokens, 0, 20, question);
        System.arraycopy(continuation, 0, tokens, 20, continuation.length);
        return new Span(tokens, continuation.length);
    }

    @Test
    void wantsAContextAndAContinuation() {
        assertThatThrownBy(() -> span(0, 1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> span(2, 1, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Span filled(int length, int token) {
        int[] tokens = new int[length];
        Arrays.fill(tokens, token);
        return new Span(tokens, 1);
    }

    private static Span span(int targets, int... tokens) {
        return new Span(tokens, targets);
    }
}
